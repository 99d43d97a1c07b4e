"""Previews of segmented scans: the right way round, any scan, in bounded memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.io import write
from volseg.io.scans import pieces
from volseg.view.scans import preview as scan_preview
from volseg.view.scans.preview import preview_scan

LABELS = LabelMap((LabelClass("ground", (2,), "#FF0000"), LabelClass("roof", (6,), "#0000FF")))


def scan(path: Path, count: int = 20_000) -> Path:
    random = np.random.default_rng(0)
    xyz = random.random((count, 3)) * [60, 60, 4]
    labels = np.where(xyz[:, 0] + xyz[:, 1] > 90, 6, 2)  # the north-east corner
    write(path, PointCloud(xyz + [6e5, 5e6, 0], labels=labels))
    return path


def hue(image: Image.Image, channel: int) -> NDArray[np.bool_]:
    pixels = np.asarray(image).astype(int)
    others = [one for one in range(3) if one != channel]
    return np.asarray(pixels[..., channel] > pixels[..., others].max(axis=2) + 90)


@pytest.mark.parametrize("suffix", [".laz", ".ply", ".npz"])
def test_north_is_up_in_the_plan_of_a_scan(tmp_path: Path, suffix: str) -> None:
    picture = preview_scan(scan(tmp_path / f"a{suffix}"), LABELS)
    plan = picture.crop((0, 0, scan_preview.PLAN[0], scan_preview.PLAN[1]))
    red, blue = (np.nonzero(hue(plan, channel)) for channel in (0, 2))
    assert blue[0].mean() < red[0].mean() - 50
    assert blue[1].mean() > red[1].mean() + 50


def test_objects_have_colours_of_their_own_from_above(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    xyz = random.random((20_000, 3)) * [60, 60, 4]
    ids = np.where(xyz[:, 0] < 30, 0, 1 + (xyz[:, 1] > 30))
    cloud = PointCloud(xyz, labels=np.full(20_000, 2), instances=ids)
    write(tmp_path / "a.laz", cloud)
    picture = np.asarray(preview_scan(tmp_path / "a.laz", LABELS))
    plan = picture[: scan_preview.PLAN[1]].reshape(-1, 3)
    colours, counts = np.unique(plan, axis=0, return_counts=True)
    many = {tuple(colour.tolist()) for colour in colours[counts > 5000]}
    assert (255, 0, 0) in many
    assert len(many) >= 4  # the ground, two objects, and paper


def test_outliers_far_away_leave_the_preview_of_a_scan_as_it_is(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    xyz = random.random((20_000, 3)) * [60, 60, 4] + [6e5, 5e6, 0]
    labels = np.where(xyz[:, 0] > 6e5 + 30, 6, 2)
    far = [random.normal(size=(60, 3)) * 1e4 + [6e5, 5e6, 0], np.zeros((1, 3))]
    write(tmp_path / "plain.ply", PointCloud(xyz, labels=labels))
    both = PointCloud(np.concatenate([xyz, *far]), labels=np.append(labels, [2] * 61))
    write(tmp_path / "stray.ply", both)
    plain, stray = (
        np.asarray(preview_scan(tmp_path / f"{name}.ply", LABELS)) for name in ("plain", "stray")
    )
    height = min(len(plain), len(stray))
    beside = slice(60, height), slice(0, scan_preview.PLAN[0])  # title and legend count more points
    assert np.array_equal(plain[beside], stray[beside])
    assert not np.array_equal(plain[:60], stray[:60])


def test_pieces_change_nothing_but_which_points_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scan(tmp_path / "a.laz")
    whole = np.asarray(preview_scan(path, LABELS))
    monkeypatch.setattr(pieces, "PIECE", 3000)
    assert np.array_equal(whole, preview_scan(path, LABELS))
    monkeypatch.setattr(scan_preview, "MOST_POINTS", 8000)
    thin = preview_scan(path, LABELS)
    metres, classes, _, counts = scan_preview._read_thinned(path, LABELS)
    assert len(metres) == len(classes) == pytest.approx(8000, rel=0.05)
    assert counts.sum() == 20_000
    assert hue(thin, 0).mean() == pytest.approx(hue(Image.fromarray(whole), 0).mean(), rel=0.2)


@pytest.mark.parametrize("count", [1, 2])
def test_the_smallest_scans_have_a_picture(tmp_path: Path, count: int) -> None:
    assert hue(preview_scan(scan(tmp_path / "a.laz", count), LABELS), 0).any()


def test_a_scan_without_points_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no point"):
        preview_scan(scan(tmp_path / "a.laz", 0), LABELS)
