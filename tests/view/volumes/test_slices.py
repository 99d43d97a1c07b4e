"""Slices with outlines: of the class's colour, as thick as said, where the class is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.geometry.labels import LabelClass, LabelMap
from volseg.view.volumes.slices import THICK, fitted, outlined, shown

CLASSES = (
    LabelClass("background", (0,), "#123456"),
    LabelClass("bone", (1,), "#FE0102"),
    LabelClass("fat", (2,), "#03FD04"),
)
LABELS = LabelMap(CLASSES)
REGIONS = LabelMap(CLASSES, overlap=True, background=(9,))
CELLS, SCALE = 36, 10
SIDE = CELLS * SCALE


def square(value: int, fill: int = 0, side: int = 10) -> NDArray[np.int64]:
    ids = np.full((CELLS, CELLS), fill, dtype=np.int64)
    ids[6 : 6 + side, 12 : 12 + side] = value
    return ids


def draw(ids: NDArray[Any], labels: LabelMap = LABELS) -> NDArray[np.int64]:
    image = np.add.outer(np.arange(len(ids)), np.arange(ids.shape[1])).astype(np.float16)
    return np.asarray(outlined(image, ids, labels, (SIDE, SIDE))).astype(np.int64)


def changed(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    assert one.shape == other.shape
    return np.asarray((one != other).any(axis=2))


EMPTY = square(0)


@pytest.mark.parametrize("value", [1, 2])
def test_an_outline_is_two_pixels_of_the_classs_colour_inside_it(value: int) -> None:
    picture = draw(square(value))
    line = changed(picture, draw(EMPTY))
    rows, columns = np.nonzero(line)
    side = 10 * SCALE
    assert line.sum() == side**2 - (side - 2 * THICK) ** 2
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (side, side)
    assert (rows.min(), columns.min()) == (6 * SCALE, 12 * SCALE)
    assert (picture[line] == LABELS.colours[value]).all()


@pytest.mark.parametrize("labels", [LABELS, REGIONS], ids=["classes", "regions"])
def test_what_is_nothing_has_no_outline(labels: LabelMap) -> None:
    picture = draw(square(-1, fill=-1), labels)
    inside = draw(square(0, fill=-1), labels)
    if labels.overlap:
        line = changed(inside, picture)
        assert line.any()
        assert (inside[line] == labels.colours[0]).all()
    else:  # neither background nor what is unknown
        assert np.array_equal(inside, picture)


def test_neighbouring_classes_have_each_their_own_line() -> None:
    ids = square(1)
    ids[6:16, 17:22] = 2
    picture = draw(ids)
    line = changed(picture, draw(EMPTY))
    for value in (1, 2):
        own = (picture == LABELS.colours[value]).all(axis=2) & line
        assert own.sum() == 100 * 50 - 96 * 46
    assert {tuple(one) for one in picture[line].tolist()} == {
        tuple(one) for one in LABELS.colours[1:].tolist()
    }


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (40, 1), (3, 700), (720, 512)])
@pytest.mark.parametrize("spacing", [(1.0, 1.0), (4.0, 0.5)])
def test_a_slice_fills_its_box_and_keeps_its_shape(
    shape: tuple[int, int], spacing: tuple[float, float]
) -> None:
    width, height = fitted(shape, spacing, (300, 200))
    assert width == 300 or height == 200
    assert width <= 300
    assert height <= 200
    wanted = shape[1] * spacing[1] / (shape[0] * spacing[0])
    assert width == pytest.approx(height * wanted, abs=1 + wanted)


@pytest.mark.parametrize("value", [7.0, np.nan, np.inf])
def test_an_image_without_contrast_is_drawn(value: float) -> None:
    flat = np.full((8, 8), value, np.float32)
    picture = outlined(flat, square(0)[:8, :8], LABELS, (80, 80))
    assert picture.size == (80, 80)


def test_colours_stay_as_they_are() -> None:
    pixels = np.zeros((8, 8, 3), dtype=np.uint8)
    pixels[:] = (10, 200, 30)
    assert np.asarray(shown(pixels, (80, 80))).reshape(-1, 3).tolist() == [[10, 200, 30]] * 6400
