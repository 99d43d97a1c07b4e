"""The acts of the demo: what they leave, and that their scores are those of the files they name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.config import ScanModelSpec, load_config
from volseg.demo import acts, phantom, play_abdomen, play_airborne, play_street, scan_path
from volseg.demo.acts import ScanResult, without_crown
from volseg.errors import InputError
from volseg.evaluate.scans.scores import compare
from volseg.geometry import PointCloud
from volseg.io import read, read_label_volume, read_volume
from volseg.models.load import load_model_spec, save_model
from volseg.models.nets import build_net
from volseg.progress import SILENT
from volseg.synthetic import street

QUICK = ("images.patch=[16,16,1]", "net.widths=[4,8]", "train.steps=2", "train.batch=2")


@pytest.fixture
def put(bundled_folder: Path) -> Callable[[str], None]:
    """Puts a model of a preset, which has learnt nothing, among those of the package."""

    def model(name: str) -> None:
        spec = load_config(f"lidar/{name}").model_spec()
        assert isinstance(spec, ScanModelSpec)
        weights = build_net(spec).state_dict()
        save_model(bundled_folder / f"{name}.safetensors", spec, weights, {"scores": {}})

    return model


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streets of a thousand points."""
    whole = street.generate_street

    def generate(seed: int, **_: Any) -> PointCloud:
        return whole(seed, length=10.0, points=1000)

    monkeypatch.setattr(street, "generate_street", generate)


def check_scan(result: ScanResult) -> None:
    """The labels alone differ, and the scores are those that ``volseg evaluate`` finds."""
    truth, found = read(result.truth), read(result.labelled)
    np.testing.assert_array_equal(found.xyz, truth.xyz)
    labels = load_model_spec(result.model).labels.label_map()
    names, confusion = compare([(result.labelled, result.truth)], labels)
    assert result.names == names
    np.testing.assert_array_equal(result.confusion.counts, confusion.counts)
    assert result.confusion.counts.sum() > 0
    assert result.draw().width > 600


def test_the_airborne_scan_is_scored_with_and_without_its_odd_labels(
    put: Callable[[str], None], tmp_path: Path
) -> None:
    put("aerial")
    before = scan_path().read_bytes()
    result = play_airborne(tmp_path / "new" / "scan", "cpu")
    check_scan(result)
    assert scan_path().read_bytes() == before
    truth, given = read(result.truth), read(scan_path())
    assert truth.labels is not None
    assert given.labels is not None
    changed = truth.labels != given.labels
    assert set(given.labels[changed]) == {6}
    assert set(truth.labels[changed]) == {0}
    labels = load_model_spec(result.model).labels.label_map()
    names, whole = compare([(result.labelled, scan_path())], labels)
    assert f"{changed.sum():,} points" in result.note
    assert f"{whole.scores().iou[names.index('building')]:.3f}" in result.note


def test_a_roof_counts_and_what_hangs_above_all_roofs_does_not() -> None:
    heights = np.array([0.0, 4.0, 12.0, 12.0])
    xyz = np.stack([np.arange(4.0), np.zeros(4), 500 + heights], axis=1)
    cloud = PointCloud(xyz, {}, np.array([2, 6, 6, 5]), label_field="classification")
    left, crown = without_crown(cloud)
    assert left.labels is not None
    assert left.labels.tolist() == [2, 6, 0, 5]
    assert crown == 1


def test_a_street_is_the_same_every_time(
    put: Callable[[str], None], short: None, tmp_path: Path
) -> None:
    put("street")
    result, again, other = (
        play_street(tmp_path / name, "cpu", seed) for name, seed in (("a", 2), ("b", 2), ("c", 3))
    )
    check_scan(result)
    assert result.truth.read_bytes() == again.truth.read_bytes()
    assert result.truth.read_bytes() != other.truth.read_bytes()


def test_a_missing_model_is_named(bundled_folder: Path, short: None, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="street"):
        play_street(tmp_path, "cpu")


def test_abdomens_are_learnt_and_others_are_segmented(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(phantom, "GRID", (40, 32, 16))
    monkeypatch.setattr(acts, "LEARNT", range(2))
    monkeypatch.setattr(acts, "UNSEEN", range(7, 9))
    result = play_abdomen(tmp_path, SILENT, "cpu", QUICK)
    assert not result.stopped
    assert list(result.classes) == ["background", *phantom.ORGANS]
    assert result.classes["spine"].cases == 2
    for number in (7, 8):
        name = f"abdomen_{number:02d}.nii.gz"
        image = read_volume(tmp_path / "unseen" / "images" / name)
        found = read_label_volume(result.labelled / name)
        assert found.grid == image.grid
        np.testing.assert_array_equal(found.affine, image.affine)
        assert not (tmp_path / "data" / "images" / name).exists()
    assert result.draw().width > 600


def test_the_config_has_the_classes_that_abdomens_have() -> None:
    labels = load_config(acts.ABDOMENS).labels.label_map()
    assert labels.names == ("background", *phantom.ORGANS)
    assert [one.ids for one in labels.classes] == [(number,) for number in range(6)]
