"""Objects on the network's grid: centres of whole objects, borders where two touch."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.data.volumes.objects.prepare import (
    REACH,
    ObjectMap,
    prepare_objects,
    touches_another,
)
from volseg.geometry.labels import LabelClass, LabelMap

LABELS = LabelMap((LabelClass("rest", (0,), ""), LabelClass("cell", (1,), "", grouping="border")))


def test_borders_are_where_two_objects_touch_and_nowhere_else():
    numbers = np.zeros((9, 7, 1), np.int32)
    numbers[1:4, 1:6], numbers[4:8, 1:6] = 1, 2
    marked = touches_another(numbers, (3, 3, 1))
    assert marked[3:5, 1:6].all()
    assert marked.sum() == 10


@pytest.mark.parametrize("gap", range(4))
def test_cells_near_another_object_are_border_even_across_a_gap(gap):
    numbers = np.zeros((16, 7, 2), np.int32)
    numbers[1:6, 1:6], numbers[6 + gap : 12 + gap, 1:6] = 1, 2
    made = ObjectMap.of(numbers, np.array([-1, 1, 1], np.int16), (0, 1))
    near = np.zeros(numbers.shape, bool)
    reached = max(0, REACH - gap)
    near[6 - reached : 6, 1:6] = near[6 + gap : 6 + gap + reached, 1:6] = True
    assert np.array_equal(made.numbers < 0, near)
    assert np.array_equal(np.abs(made.numbers), numbers)


def test_touching_is_mutual():
    random = np.random.default_rng(0)
    numbers = random.integers(0, 4, (8, 9, 7)).astype(np.int32)
    expected = np.zeros(numbers.shape, bool)
    padded = np.pad(numbers, 1)
    for step in np.ndindex(3, 3, 3):
        near = padded[tuple(slice(at, at + n) for at, n in zip(step, numbers.shape, strict=True))]
        expected |= (numbers > 0) & (near > 0) & (near != numbers)
    assert np.array_equal(touches_another(numbers, (3, 3, 3)), expected)


def test_centres_are_means_of_cells():
    numbers = np.zeros((6, 6, 6), np.int32)
    numbers[0:3, 2, 2], numbers[5, 5, 4:6] = 1, 3
    made = ObjectMap.of(numbers, np.array([-1, 1, 1, 1], np.int16))
    assert made.centres[1].tolist() == [1, 2, 2]
    assert made.centres[3].tolist() == [5, 5, 4.5]
    assert np.isnan(made.centres[2]).all()
    assert made.sizes.tolist() == [0, 3, 0, 2]


@pytest.mark.parametrize("spacing", [(1, 1, 1), (0.5, 1, 2), (1.7, 0.6, 1)])
def test_no_cell_has_an_object_without_its_class(spacing):
    raw = np.zeros((12, 12, 12), np.int32)
    raw[1:6, 1:6, 1:6], raw[6:11, 2:9, 3:9] = 7, 9
    classes, made = prepare_objects(raw, LABELS, "ids", np.eye(4), spacing, (0, 1, 2))
    assert classes.shape == made.numbers.shape
    assert np.array_equal(classes == 1, made.numbers != 0)
    assert set(np.unique(np.abs(made.numbers))) == {0, 1, 2}
