"""Scenes of a validation: four pictures each, of one place, in the colours of the legend."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from volseg.geometry.colours import default_colour, rgb
from volseg.geometry.labels import IGNORE, LabelClass, LabelMap
from volseg.view.colours import CORRECT, WRONG
from volseg.view.validation import BOX, COLUMNS, draw_scans, draw_slices, scan_row, slice_row

LABELS = LabelMap(
    (
        LabelClass("background", (0,), "#123456"),
        LabelClass("bone", (1,), "#FE0102"),
        LabelClass("fat", (2,), "#03FD04"),
    )
)


def cloud() -> NDArray[np.float64]:
    return np.random.default_rng(0).random((5000, 3)) * [40, 20, 3]


def share(image: Image.Image, colour: tuple[int, int, int]) -> float:
    """Of the picture that is that colour or a shade of it."""
    pixels = np.asarray(image).astype(float)
    drawn = (pixels != 255).any(axis=2) & (pixels.max(axis=2) > 40)
    hue = pixels / np.maximum(pixels.max(axis=2, keepdims=True), 1)
    return float((np.abs(hue - np.array(colour) / max(colour)).max(axis=2) < 0.05)[drawn].mean())


def test_a_photograph_is_drawn_in_its_colours() -> None:
    pixels = np.zeros((30, 20, 3), dtype=np.uint8)
    pixels[:, :10], pixels[:, 10:] = (200, 40, 40), (40, 40, 200)
    ids = np.zeros((30, 20), dtype=np.int64)
    scene = slice_row("a", pixels, ids, ids, LABELS)
    assert 0.4 < share(scene.pictures[0], (200, 40, 40)) < 0.6
    assert 0.4 < share(scene.pictures[0], (40, 40, 200)) < 0.6


def test_outliers_far_away_leave_a_scan_visible() -> None:
    xyz = np.concatenate([cloud(), np.full((40, 3), 7e4)])
    guess = np.append(np.ones(5000, dtype=np.int64), [2] * 40)
    scene = scan_row("a", xyz, np.ones(5040, dtype=np.int64), guess, LABELS)
    assert scene.wrong == 40 / 5040
    assert (
        scene.pictures[1].size
        == scan_row("a", cloud(), guess[:5000], guess[:5000], LABELS).pictures[1].size
    )
    assert share(scene.pictures[1], rgb("#FE0102")) > 0.9
    assert share(scene.pictures[2], rgb("#03FD04")) == 0


def test_a_scan_is_drawn_four_times_alike() -> None:
    truth = np.ones(5000, dtype=np.int64)
    guess = np.where(np.arange(5000) % 2, 1, 2)
    scene = scan_row("a", cloud(), truth, guess, LABELS)
    assert len(scene.pictures) == len(COLUMNS)
    assert len({one.size for one in scene.pictures}) == 1
    assert scene.wrong == 0.5
    _, true, guessed, errors = scene.pictures
    assert share(true, rgb("#FE0102")) > 0.9 > share(guessed, rgb("#FE0102")) > 0.2
    assert share(guessed, rgb("#03FD04")) > 0.2
    assert share(errors, WRONG) > 0.2
    assert share(errors, CORRECT) > 0.2


def test_ignored_truth_is_neither_right_nor_wrong() -> None:
    truth = np.full(5000, IGNORE)
    scene = scan_row("a", cloud(), truth, np.zeros(5000, dtype=np.int64), LABELS)
    assert math.isnan(scene.wrong)
    assert share(scene.pictures[3], WRONG) == 0
    truth[:100] = 0
    assert scan_row("a", cloud(), truth, np.zeros(5000, dtype=np.int64), LABELS).wrong == 0


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (3.0, 1.0)])
def test_errors_of_a_slice_lie_where_ids_differ(spacing: tuple[float, float]) -> None:
    truth = np.zeros((40, 60), dtype=np.int64)
    truth[:20] = 1
    guess = truth.copy()
    guess[:20, :30] = 2
    image = np.full((40, 60), 7.0)
    scene = slice_row("a", image, truth, guess, LABELS, spacing)
    width, height = scene.pictures[0].size
    assert max(width / BOX[0], height / BOX[1]) == 1
    assert width / height == pytest.approx(60 / (40 * spacing[0]), rel=0.02)
    errors = np.asarray(scene.pictures[3]).astype(int)
    red = errors[..., 0] > errors[..., 1] + 60
    assert red[: height // 2 - 1, : width // 2 - 1].all()
    assert red.mean() == pytest.approx(0.25, abs=0.01)
    assert scene.wrong == 0.25


def test_letters_stand_at_the_edges_of_a_slice() -> None:
    ids, image = np.zeros((40, 60), dtype=np.int64), np.full((40, 60), 7.0)
    plain = slice_row("a", image, ids, ids, LABELS)
    lettered = slice_row("a", image, ids, ids, LABELS, sides="LRAP")
    for one, other in zip(plain.pictures, lettered.pictures, strict=True):
        rows, columns = np.nonzero((np.asarray(one) != np.asarray(other)).any(axis=2))
        assert (rows.min() < 20, rows.max() > one.height - 20) == (True, True)
        assert (columns.min() < 20, columns.max() > one.width - 20) == (True, True)
        assert len(rows) < 0.05 * one.width * one.height


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("classes", [1, 116])
def test_scenes_of_any_number_and_classes_make_a_picture(many: int, classes: int) -> None:
    labels = LabelMap(
        tuple(LabelClass(f"{'long ' * 9}{k}", (k,), default_colour(k)) for k in range(classes))
    )
    ids = np.zeros((30, 20), dtype=np.int64)
    slices = [slice_row("name " * 40, np.ones((30, 20)), ids, ids, labels)] * many
    zeros = np.zeros(5000, dtype=np.int64)
    scans = [scan_row("name " * 40, cloud(), zeros, zeros, labels)] * many
    for picture, scenes in (
        (draw_slices(slices, labels, "T1"), slices),
        (draw_scans(scans, labels), scans),
    ):
        assert picture.width >= sum(one.width for one in scenes[0].pictures)
        assert picture.height > many * scenes[0].pictures[0].height
