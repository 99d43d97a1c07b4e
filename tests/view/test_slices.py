"""Slices with outlines: of the class's colour, as thick as said, where the class is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.geometry.labels import LabelClass, LabelMap
from volseg.view.slices import GAP, SIDE, Slice, draw_slices

CLASSES = (
    LabelClass("background", (0,), "#123456"),
    LabelClass("bone", (1,), "#FE0102"),
    LabelClass("fat", (2,), "#03FD04"),
)
LABELS = LabelMap(CLASSES)
REGIONS = LabelMap(CLASSES, overlap=True, background=(9,))
CELLS, SCALE = 36, SIDE // 36


def square(value: int, fill: int = 0, side: int = 10) -> NDArray[np.int64]:
    ids = np.full((CELLS, CELLS), fill, dtype=np.int64)
    ids[6 : 6 + side, 12 : 12 + side] = value
    return ids


def draw(
    truth: NDArray[Any], guess: NDArray[Any], labels: LabelMap = LABELS, many: int = 1
) -> NDArray[np.int64]:
    image = np.add.outer(np.arange(len(truth)), np.arange(truth.shape[1])).astype(np.float16)
    slices = [Slice("a", image, truth, guess)] * many
    return np.asarray(draw_slices(slices, labels)).astype(np.int64)


def changed(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    assert one.shape == other.shape
    return np.asarray((one != other).any(axis=2))


EMPTY = square(0)


@pytest.mark.parametrize("value", [1, 2])
def test_an_outline_is_two_pixels_of_the_classs_colour_inside_it(value: int) -> None:
    picture = draw(square(value), EMPTY)
    line = changed(picture, draw(EMPTY, EMPTY))
    rows, columns = np.nonzero(line)
    side = 10 * SCALE
    assert line.sum() == side**2 - (side - 4) ** 2
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (side, side)
    assert columns.min() == GAP + 12 * SCALE
    assert (picture[line] == LABELS.colours[value]).all()


def test_the_truth_stands_above_and_the_prediction_below() -> None:
    plain = draw(EMPTY, EMPTY)
    above, below = changed(draw(square(1), EMPTY), plain), changed(draw(EMPTY, square(1)), plain)
    assert np.array_equal(above[: -SIDE - GAP], below[SIDE + GAP :])
    assert not above[SIDE + GAP + 60 :].any()


@pytest.mark.parametrize("labels", [LABELS, REGIONS], ids=["classes", "regions"])
def test_what_is_nothing_has_no_outline(labels: LabelMap) -> None:
    nothing = square(-1, fill=-1)
    picture = draw(nothing, nothing, labels)
    if labels.overlap:
        line = changed(draw(square(0, fill=-1), nothing, labels), picture)
        assert (draw(square(0, fill=-1), nothing, labels)[line] == labels.colours[0]).all()
        assert line.any()
    else:  # neither background nor what is unknown
        assert np.array_equal(draw(square(0, fill=-1), nothing), picture)
        assert np.array_equal(draw(square(-1, fill=0), EMPTY), picture)


def test_neighbouring_classes_have_each_their_own_line() -> None:
    ids = square(1)
    ids[6:16, 17:22] = 2
    picture = draw(ids, EMPTY)
    line = changed(picture, draw(EMPTY, EMPTY))
    for value in (1, 2):
        own = (picture == LABELS.colours[value]).all(axis=2) & line
        assert own.sum() == 100 * 50 - 96 * 46
    assert {tuple(one) for one in picture[line].tolist()} == {
        tuple(one) for one in LABELS.colours[1:].tolist()
    }


@pytest.mark.parametrize("many", [1, 2, 4])
def test_slices_stand_side_by_side(many: int) -> None:
    picture = draw(square(1), square(2), many=many)
    assert picture.shape[1] == many * (SIDE + 2 * GAP)
    assert picture.shape[0] > 2 * (SIDE + GAP)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (40, 1), (3, 700), (720, 512)])
def test_the_longer_side_has_one_length_whatever_the_slice(shape: tuple[int, int]) -> None:
    ids = np.ones(shape, dtype=np.int64)
    picture = draw(ids, ids)
    width = max(1, round(shape[1] * SIDE / max(shape)))
    assert picture.shape[1] == width + 2 * GAP


def test_a_constant_image_is_drawn() -> None:
    flat = Slice("flat", np.full((8, 8), 7.0, np.float16), square(0)[:8, :8], square(0)[:8, :8])
    assert draw_slices([flat], LABELS).width == SIDE + 2 * GAP


def test_slices_of_several_sizes_share_a_picture() -> None:
    one, other = (
        Slice("a", np.zeros(shape), np.zeros(shape, int), np.zeros(shape, int))
        for shape in ((30, 10), (10, 30))
    )
    assert draw_slices([one, other], LABELS).width == 2 * (SIDE + 2 * GAP)
