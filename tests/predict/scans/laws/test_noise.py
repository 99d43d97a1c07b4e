"""Noise, told by its file or found: it keeps its class or gets its own, and no other point sees it.

The net is tiny and knows two classes; the scans are made: a plane with boxes on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import pytest

from volseg.geometry import LabelClass, LabelMap, PointCloud
from volseg.io import read, write
from volseg.io.scans import pieces
from volseg.models.load import load_scan_model
from volseg.predict.scans.job import ScanJob, ScanOptions
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.run import segment_scans

SMALL = 8_000_000
"""Bytes that make several tiles of the scans below."""
GROUND, BOX = 2, 6


@pytest.fixture(scope="module")
def model(run_folder: Path) -> ScanModel:
    return load_scan_model(run_folder, "cpu")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 1500)


def run(model: ScanModel, source: Path, out: str, **options: Any) -> ScanJob:
    target = source.parent / out / source.name
    target.parent.mkdir()
    jobs = [ScanJob(source, target)]
    (job,) = segment_scans(model, jobs, ScanOptions(**options), memory=SMALL)
    assert job.error is None
    return job


@pytest.fixture
def clean(boxes: Callable[..., PointCloud]) -> PointCloud:
    """A scan of 90 by 40 m without noise or classes."""
    cloud = boxes(2, 8000)
    corner = cloud.xyz.min(axis=0)
    xyz = np.round((cloud.xyz - corner) * (3, 2, 1) + corner, 3)
    return replace(cloud, xyz=xyz, labels=np.zeros(len(xyz), np.int64))


def deep(cloud: PointCloud) -> np.ndarray:
    random = np.random.default_rng(0)
    return np.asarray(middle(cloud) + random.uniform((-2, -2, -9), (2, 2, -8), (20, 3)))


def scattered(cloud: PointCloud) -> np.ndarray:
    random = np.random.default_rng(1)
    low, high = cloud.xyz.min(axis=0), cloud.xyz.max(axis=0)
    return random.uniform((*low[:2], low[2] - 12), (*high[:2], low[2] - 3), (len(cloud) // 333, 3))


def bird(cloud: PointCloud) -> np.ndarray:
    return np.asarray([middle(cloud) + (0, 0, 70)])


def middle(cloud: PointCloud) -> np.ndarray:
    ends = cloud.xyz.min(axis=0), cloud.xyz.max(axis=0)
    return np.array((*np.mean(ends, axis=0)[:2], ends[0][2]))


def among(cloud: PointCloud, noise: np.ndarray) -> tuple[PointCloud, np.ndarray]:
    """A scan with noise in between, and which points are noise."""
    order = np.random.default_rng(7).permutation(len(cloud) + len(noise))
    xyz = np.round(np.concatenate((cloud.xyz, noise)), 3)[order]
    intensity = np.zeros(len(xyz), np.uint16)
    intensity[order < len(cloud)] = cloud.attributes["intensity"][order[order < len(cloud)]]
    made = PointCloud(xyz, {"intensity": intensity}, np.zeros(len(xyz), np.int64))
    return replace(made, label_field="classification"), order >= len(cloud)


def marked(path: Path, cloud: PointCloud, noise: np.ndarray, way: str) -> None:
    """Write a scan whose file says which points are noise."""
    write(path, cloud)
    scan = laspy.read(path)
    rows = np.flatnonzero(noise)
    if way == "withheld":
        scan.withheld[rows] = 1
        scan.classification[rows] = GROUND
    else:
        scan.classification[rows] = int(way)
    scan.write(path)


@pytest.mark.parametrize(("way", "suffix"), [("withheld", ".las"), ("7", ".laz"), ("18", ".laz")])
def test_noise_told_keeps_its_class_and_the_others_are_as_without_it(
    model: ScanModel, clean: PointCloud, tmp_path: Path, way: str, suffix: str
) -> None:
    dirty, noise = among(clean, np.concatenate((deep(clean), bird(clean))))
    paths = [tmp_path / f"{name}{suffix}" for name in ("dirty", "clean")]
    marked(paths[0], dirty, noise, way)
    scan = laspy.read(paths[0])
    scan.points = scan.points[~noise]
    scan.write(paths[1])
    made, wanted = (
        read(run(model, path, "out" + path.stem, confidence=True).target) for path in paths
    )
    assert made.labels is not None
    assert wanted.labels is not None
    np.testing.assert_array_equal(made.labels[~noise], wanted.labels)
    sure = made.attributes["confidence"]
    np.testing.assert_array_equal(sure[~noise], wanted.attributes["confidence"])
    assert (made.labels[noise] == (GROUND if way == "withheld" else int(way))).all()
    assert (sure[noise] == 0).all()
    assert set(np.unique(wanted.labels)) == {GROUND, BOX}
    np.testing.assert_array_equal(model(read(paths[0])).labels, made.labels)


@pytest.mark.parametrize("way", ["withheld", "7"])
def test_all_points_are_segmented_if_asked_for(
    model: ScanModel, clean: PointCloud, tmp_path: Path, way: str
) -> None:
    """So are they by a model that has noise as a class; here as part of what is found too."""
    rows = np.arange(len(clean)) % 7 == 0
    marked(tmp_path / "a.las", clean, rows, way)
    kept = read(run(model, tmp_path / "a.las", "kept").target).labels
    every = read(run(model, tmp_path / "a.las", "every", all_points=True).target).labels
    assert kept is not None
    assert every is not None
    assert (kept[rows] == (GROUND if way == "withheld" else 7)).all()
    write(tmp_path / "plain.las", clean)
    np.testing.assert_array_equal(
        every, read(run(model, tmp_path / "plain.las", "plain").target).labels
    )


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [(deep, ".laz"), (deep, ".npz"), (scattered, ".laz"), (bird, ".laz"), (bird, ".ply")],
)
def test_noise_nobody_told_is_found_and_harms_no_other(
    model: ScanModel, clean: PointCloud, tmp_path: Path, kind: Any, suffix: str
) -> None:
    dirty, noise = among(clean, kind(clean))
    source = tmp_path / f"dirty{suffix}"
    write(source, dirty)
    wanted = model(dirty.take(~noise)).labels
    job = run(model, source, "marked", mark_noise=True, confidence=True)
    made = read(job.target)
    assert made.labels is not None
    assert (made.labels[~noise] != wanted).mean() <= 0.01
    found = np.isin(made.labels, (7, 18))
    assert job.noise == found.sum()
    assert found[noise].mean() > 0.9
    assert (made.labels[found] == (18 if kind is bird else 7)).all()
    confidence = made.attributes.get("confidence", made.confidence)
    assert confidence is not None
    assert (confidence[found] == 0).all()
    plain = read(run(model, source, "plain").target).labels
    assert plain is not None
    assert (plain[found] == 0).all()  # what the label map ignores: never ground
    np.testing.assert_array_equal(plain[~found], made.labels[~found])
    np.testing.assert_array_equal(plain, model(read(source)).labels)
    np.testing.assert_array_equal(plain, model.labels.decode(model.segment(read(source))[0]))


@pytest.mark.parametrize("told", [True, False])
def test_a_model_that_has_noise_as_a_class_sees_it(
    model: ScanModel, clean: PointCloud, tmp_path: Path, told: bool
) -> None:
    classes = LabelClass("ground", (GROUND,), "#000000"), LabelClass("noise", (7,), "#FFFFFF")
    learnt = replace(model, labels=LabelMap(classes))
    dirty, noise = among(clean, deep(clean))
    marked(tmp_path / "a.las", dirty, noise, "18" if told else "0")
    job = run(learnt, tmp_path / "a.las", "out", mark_noise=True, confidence=True)
    made = read(job.target)
    assert job.noise == 0
    assert made.labels is not None
    assert set(np.unique(made.labels)) <= {GROUND, 7}
    assert (made.attributes["confidence"] >= 0.5).all()


def test_votes_of_turned_views_leave_noise_out(model: ScanModel, clean: PointCloud) -> None:
    dirty, noise = among(clean, deep(clean))
    labels = model(dirty, tta=True).labels
    assert labels is not None
    assert (labels[noise] == 0).all()
    assert (labels[~noise] != model(dirty.take(~noise), tta=True).labels).mean() <= 0.01


def test_a_scan_of_nothing_but_noise_is_refused(
    model: ScanModel, clean: PointCloud, tmp_path: Path
) -> None:
    marked(tmp_path / "a.las", clean, np.ones(len(clean), bool), "7")
    job = ScanJob(tmp_path / "a.las", tmp_path / "b.las")
    list(segment_scans(model, [job]))
    assert job.error is not None
    assert "no points" in str(job.error)
    assert not job.target.exists()
