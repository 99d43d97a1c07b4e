"""Previews of what was segmented: the right way round, any scan and volume, in bounded memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.colours import default_colour
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.io import write
from volseg.io.scans import pieces
from volseg.io.volumes.files import write_label_volume
from volseg.view.charts.shares import share_legend
from volseg.view.scans import preview as scan_preview
from volseg.view.scans.preview import preview_scan
from volseg.view.volumes.preview import preview_volume
from volseg.view.volumes.sides import sides_of

LABELS = LabelMap((LabelClass("ground", (2,), "#FF0000"), LabelClass("roof", (6,), "#0000FF")))
ORGANS = LabelMap((LabelClass("nothing", (0,), "#123456"), LabelClass("liver", (5,), "#00FF00")))


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
    metres, classes, counts = scan_preview._read_thinned(path, LABELS)
    assert len(metres) == len(classes) == pytest.approx(8000, rel=0.05)
    assert counts.sum() == 20_000
    assert hue(thin, 0).mean() == pytest.approx(hue(Image.fromarray(whole), 0).mean(), rel=0.2)


@pytest.mark.parametrize("count", [1, 2])
def test_the_smallest_scans_have_a_picture(tmp_path: Path, count: int) -> None:
    assert hue(preview_scan(scan(tmp_path / "a.laz", count), LABELS), 0).any()


def test_a_scan_without_points_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no point"):
        preview_scan(scan(tmp_path / "a.laz", 0), LABELS)


def volume(tmp_path: Path, ids: NDArray[np.int64], affine: NDArray[np.float64]) -> list[Path]:
    import nibabel

    image, labels = tmp_path / "image.nii.gz", tmp_path / "labels.nii.gz"
    grey = np.random.default_rng(0).random(ids.shape).astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(grey, affine), image)  # type: ignore[attr-defined]
    write_label_volume(labels, ids, like=image)
    return [image, labels]


@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, -1, 1), (1, -1, -1)])
def test_anatomy_has_its_place_whatever_the_axes_of_the_file(
    tmp_path: Path, flips: tuple[int, ...]
) -> None:
    ids = np.zeros((30, 40, 20), dtype=np.int64)
    ids[20:28, 28:38, 14:19] = 5  # right, anterior, superior
    steps = tuple(slice(None, None, flip) for flip in flips)
    affine = np.diag([*flips, 1.0])
    image, labels = volume(tmp_path, ids[steps], affine)
    picture = preview_volume([image], labels, ORGANS)
    green = hue(picture, 1)
    green[:, -200:] = False  # the legend
    width = 3 * 40
    assert green.any()
    third = np.flatnonzero(green.any(axis=0))
    parts = np.split(third, np.flatnonzero(np.diff(third) > width) + 1)
    assert len(parts) == 3  # axial, coronal, sagittal
    for part in parts:
        rows = np.flatnonzero(green[:, part].any(axis=1))
        assert rows.mean() < picture.height / 2  # anterior, superior: up


def test_radiologists_have_the_left_on_the_right(tmp_path: Path) -> None:
    """Axial and coronal slices are mirrored, with their letters; the sagittal one is as it was."""
    ids = np.zeros((30, 40, 20), dtype=np.int64)
    ids[20:28, 28:38, 14:19] = 5
    image, labels = volume(tmp_path, ids, np.eye(4))
    plain, turned = (
        preview_volume([image], labels, ORGANS, radiological=one) for one in (False, True)
    )
    assert plain.size == turned.size
    green, mirrored = hue(plain, 1), hue(turned, 1)
    for one in (green, mirrored):
        one[:, -200:] = False
    assert np.flatnonzero(mirrored.any(axis=0))[0] < np.flatnonzero(green.any(axis=0))[0] - 50
    same = (np.asarray(plain) == np.asarray(turned)).all(axis=(0, 2))
    other = np.flatnonzero(~same)
    assert other[-1] < plain.width * 2 // 3
    assert len(np.flatnonzero(green[:, other[-1] :].any(axis=0))) > 50


def test_letters_say_what_lies_where() -> None:
    assert [sides_of(*axes) for axes in ((0, 1), (0, 2), (1, 2))] == ["LRAP", "LRSI", "PASI"]
    turned = [sides_of(*axes, radiological=True) for axes in ((0, 1), (0, 2), (1, 2))]
    assert turned == ["RLAP", "RLSI", "PASI"]


def test_an_empty_prediction_is_said_to_be_empty(tmp_path: Path) -> None:
    image, labels = volume(tmp_path, np.zeros((9, 8, 7), dtype=np.int64), np.eye(4))
    picture = preview_volume([image], labels, ORGANS)
    assert hue(picture, 1).mean() < 0.01  # the legend's alone
    legend = share_legend(ORGANS, np.array([504, 0]), 504, first=1)
    assert legend.title == "nothing but background"
    assert [one.name for one in legend.entries] == ["liver  none"]


def test_an_image_is_one_picture_in_its_own_colours(tmp_path: Path) -> None:
    pixels = np.zeros((50, 80, 3), dtype=np.uint8)
    pixels[:, :40] = (0, 0, 250)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    mask = np.zeros((50, 80, 1), dtype=np.int64)
    mask[10:30, 50:70] = 5
    write_label_volume(tmp_path / "m.png", mask, like=tmp_path / "a.png")
    picture = preview_volume([tmp_path / "a.png"], tmp_path / "m.png", ORGANS)
    assert hue(picture, 2).mean() > 0.3
    assert hue(picture, 1)[:, : picture.width * 3 // 4].any()


def test_of_many_classes_those_that_were_found_are_named() -> None:
    labels = LabelMap(tuple(LabelClass(f"c{k}", (k,), default_colour(k)) for k in range(116)))
    counts = np.zeros(116, dtype=np.int64)
    counts[[3, 70]] = 1, 99_999
    legend = share_legend(labels, counts, 100_000)
    assert [one.name for one in legend.entries] == ["c3  <0.1 %", "c70  99.9 %"]


def test_a_volume_without_any_class_is_cut_in_the_middle_of_what_is_not_air(tmp_path: Path) -> None:
    import nibabel as nib

    image = np.zeros((40, 40, 40), np.float32)
    image[26:36, 3:13, 5:15], image[28:34, 5:11, 7:13] = 100, 60
    nib.save(nib.Nifti1Image(image, np.eye(4)), tmp_path / "a.nii")
    nib.save(nib.Nifti1Image(np.zeros((40, 40, 40), np.uint8), np.eye(4)), tmp_path / "l.nii")
    picture = np.asarray(preview_volume([tmp_path / "a.nii"], tmp_path / "l.nii", ORGANS))
    inner = ((picture > 140) & (picture < 165)).all(axis=2)
    assert min(third.sum() for third in np.array_split(inner, 3, axis=1)) > 500
