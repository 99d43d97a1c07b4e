"""Previews of segmented volumes: the right way round, whatever the axes of the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from volseg.geometry.labels import LabelClass, LabelMap
from volseg.io.volumes.files import write_label_volume
from volseg.view.volumes.preview import preview_volume

ORGANS = LabelMap((LabelClass("nothing", (0,), "#123456"), LabelClass("liver", (5,), "#00FF00")))


def hue(image: Image.Image, channel: int) -> NDArray[np.bool_]:
    pixels = np.asarray(image).astype(int)
    others = [one for one in range(3) if one != channel]
    return np.asarray(pixels[..., channel] > pixels[..., others].max(axis=2) + 90)


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


def test_an_empty_prediction_is_said_to_be_empty(tmp_path: Path) -> None:
    image, labels = volume(tmp_path, np.zeros((9, 8, 7), dtype=np.int64), np.eye(4))
    picture = preview_volume([image], labels, ORGANS)
    assert hue(picture, 1).mean() < 0.01  # the legend's alone


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


def test_a_volume_without_any_class_is_cut_in_the_middle_of_what_is_not_air(tmp_path: Path) -> None:
    import nibabel as nib

    image = np.zeros((40, 40, 40), np.float32)
    image[26:36, 3:13, 5:15], image[28:34, 5:11, 7:13] = 100, 60
    nib.save(nib.Nifti1Image(image, np.eye(4)), tmp_path / "a.nii")
    nib.save(nib.Nifti1Image(np.zeros((40, 40, 40), np.uint8), np.eye(4)), tmp_path / "l.nii")
    picture = np.asarray(preview_volume([tmp_path / "a.nii"], tmp_path / "l.nii", ORGANS))
    inner = ((picture > 140) & (picture < 165)).all(axis=2)
    assert min(third.sum() for third in np.array_split(inner, 3, axis=1)) > 500


def test_objects_that_touch_have_lines_of_their_own(tmp_path: Path) -> None:
    ids = np.zeros((40, 60), np.uint8)
    ids[10:30, 10:30], ids[10:30, 30:50] = 1, 2
    for name, array in {"a": 0 * ids, "m": 5 * np.minimum(ids, 1), "o": ids}.items():
        Image.fromarray(array).save(tmp_path / f"{name}.png")
    files = [tmp_path / "a.png"], tmp_path / "m.png", ORGANS
    plain, apart = (
        np.asarray(preview_volume(*files, objects=objects))
        for objects in (None, tmp_path / "o.png")
    )
    middle = plain.shape[0] // 2, slice(None)
    assert (plain != apart).any()
    assert len(np.unique(apart[middle], axis=0)) > len(np.unique(plain[middle], axis=0))
