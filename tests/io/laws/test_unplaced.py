"""Points whose coordinates are NaN, and labels that are no class ids, format by format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.heard import Heard
from volseg.errors import InputError, InputWarning
from volseg.geometry import LabelClass, LabelMap, PointCloud
from volseg.geometry.labels import IGNORE, UNKNOWN
from volseg.io import convert, describe, read, write
from volseg.io.scans.labels import true_labels
from volseg.io.scans.pieces import Pieces

FORMATS = ("a.ply", "a.pcd", "a.npz", "a.csv", "a.xyz", "a.txt.gz", "a.bin", "a/coord.npy")
COUNT = 60
GONE = np.arange(COUNT) % 7 == 3


def cloud(labels: bool = True) -> PointCloud:
    """Every seventh beam never came back, one of them to infinity."""
    xyz = np.random.default_rng(0).integers(0, 800, (COUNT, 3)) / 8
    xyz[GONE] = np.nan
    xyz[3, 2] = np.inf
    ids = np.arange(COUNT) % 3 + 1 if labels else None
    return PointCloud(xyz, {"intensity": np.arange(COUNT, dtype=np.float32)}, ids)


def put(folder: Path, name: str, scan: PointCloud) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    write(path, scan)
    return path


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("labels", [True, False])
def test_points_without_coordinates_are_copied_and_the_others_labelled(tmp_path, name, labels):
    source, target = put(tmp_path, name, cloud(labels)), tmp_path / "out" / name
    target.parent.mkdir(parents=True)
    every = read(source)
    np.testing.assert_array_equal(every.xyz, cloud().xyz)
    with pytest.warns(InputWarning, match=f"{GONE.sum()} of 60 points have no coordinates"):
        (piece,) = Pieces(source)
    np.testing.assert_array_equal(piece.xyz, cloud().xyz[~GONE])
    new = np.arange(len(piece)) % 5 + 10
    kept = "the class they had" if labels else "0"
    with pytest.warns(InputWarning, match=f"{GONE.sum()} points without coordinates have {kept}"):
        Pieces(source).relabel(target, lambda rows: (new[rows], None, None), highest=14)
    back = read(target)
    np.testing.assert_array_equal(back.xyz, every.xyz)
    np.testing.assert_array_equal(back.labels[~GONE], new)
    np.testing.assert_array_equal(back.labels[GONE], every.labels[GONE] if labels else 0)
    np.testing.assert_array_equal(back.attributes["intensity"], np.arange(COUNT))


@pytest.mark.parametrize("name", FORMATS)
def test_points_without_coordinates_are_described(tmp_path, name):
    facts = describe(put(tmp_path, name, cloud()))
    assert (facts.points, facts.unplaced) == (COUNT, GONE.sum())
    assert facts.minimum == tuple(cloud().xyz[~GONE].min(axis=0))
    assert facts.maximum == tuple(cloud().xyz[~GONE].max(axis=0))


def test_las_which_cannot_hold_them_says_what_can(tmp_path):
    with pytest.raises(InputError, match=r"the 9 points .* write to \.ply"):
        write(tmp_path / "a.laz", cloud())
    source = put(tmp_path, "a.npz", cloud())
    heard = Heard()
    convert(source, tmp_path / "a.ply", progress=heard)
    assert not [line for line in heard.notes if "coordinates" in line]


def with_field(folder: Path, name: str, values: np.ndarray) -> Path:
    """A scan whose labels are floats, as tools leave them that merge clouds."""
    field = {"a.npz": "labels", "a/coord.npy": "segment"}.get(name, "scalar_Classification")
    xyz = np.random.default_rng(0).integers(0, 800, (COUNT, 3)) / 8
    return put(folder, name, PointCloud(xyz, {field: values.astype(np.float32)}))


FLOATS = ("a.ply", "a.pcd", "a.csv", "a/coord.npy")


@pytest.mark.parametrize("name", FLOATS)
def test_labels_that_are_nan_are_unknown_truth(tmp_path, name):
    values = np.where(np.arange(COUNT) % 4 == 0, np.nan, np.arange(COUNT) % 3)
    source = with_field(tmp_path, name, values)
    found = read(source)
    assert np.array_equal(found.labels == UNKNOWN, np.isnan(values))
    assert np.array_equal(found.labels[found.labels != UNKNOWN], values[~np.isnan(values)])
    names = (LabelClass("a", (0,), "#000000"), LabelClass("b", (1, 2), "#FFFFFF"))
    assert np.array_equal(LabelMap(names).encode(found.labels) == IGNORE, np.isnan(values))
    for other in ("b.ply", "b.npz", "b.xyz", "b.pcd"):  # they come through other formats, too
        write(tmp_path / other, found)
        assert np.array_equal(read(tmp_path / other).labels, found.labels)
    write(tmp_path / "b.las", found)
    assert np.array_equal(read(tmp_path / "b.las").labels, np.nan_to_num(values))


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("wrong", [2.5, np.inf, -1e30])
def test_old_labels_that_are_no_class_ids_hinder_nobody_who_needs_none(tmp_path, name, wrong):
    values = np.where(np.arange(COUNT) == 7, wrong, 2.0)
    source = with_field(tmp_path, name, values)
    found = read(source)
    assert found.labels is None
    assert np.array_equal(found.attributes[found.label_field].astype("f4"), values.astype("f4"))
    assert f"'{found.label_field}' holds {np.float32(wrong):g}" in describe(source).no_labels
    target = tmp_path / "out" / name
    target.parent.mkdir(parents=True)
    labels = np.arange(COUNT) % 3
    Pieces(source).relabel(target, lambda rows: (labels[rows], None, None), highest=99)
    back = read(target)
    assert np.array_equal(back.labels, labels)
    assert back.label_field == found.label_field
    assert not back.attributes


@pytest.mark.parametrize("name", FLOATS)
def test_labels_that_are_no_class_ids_are_named_to_those_who_need_them(tmp_path, name):
    source = with_field(tmp_path, name, np.where(np.arange(COUNT) == 7, 2.5, 2.0))
    field = read(source).label_field
    with pytest.raises(InputError, match=f"'{field}' holds 2.5, which is not a class id"):
        true_labels(read(source))
    with pytest.raises(InputError, match=f"'{field}' holds 2.5"):
        read(source, label_field=field)
