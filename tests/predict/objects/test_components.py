"""Components of points: laws of the lattice, and of order and pieces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.predict.objects.components import require_things
from volseg.predict.objects.points import PointObjects, number_points

ROAD = LabelClass("road", (1,), "#000000")
CAR = LabelClass("car", (2,), "#FFFFFF", thing=True, radius=0.5, min_points=3)
TREE = LabelClass("tree", (3,), "#00FF00", thing=True, min_points=1)
LABELS = LabelMap((ROAD, CAR, TREE))
Scene = tuple[NDArray[np.float64], NDArray[np.int64]]


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Clumps of points of all classes, some of no class, far from the origin."""
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    clumps = rng.uniform(0, 12, (draw(st.integers(1, 12)), 3))
    owner = rng.integers(0, len(clumps), draw(st.integers(1, 200)))
    metres = clumps[owner] + rng.normal(0, 0.4, (len(owner), 3)) + (700_000.0, 6_600_000.0, -20.0)
    return np.round(metres, 2), rng.integers(-1, 3, len(clumps))[owner]


@given(scenes())
def test_cubes_that_touch_are_one_object(scene: Scene) -> None:
    metres, classes = scene
    labels = LabelMap((ROAD, replace(CAR, min_points=1), TREE))
    numbers, wanted, total = number_points(metres, classes, labels), np.zeros(len(metres)), 0
    for k, radius in ((1, 0.5), (2, 1.0)):
        cubes = np.floor(metres[classes == k] / radius).astype(int)
        if not len(cubes):
            continue
        cubes -= cubes.min(axis=0)
        grid = np.zeros(cubes.max(axis=0) + 1, bool)
        grid[tuple(cubes.T)] = True
        parts, many = ndimage.label(grid, np.ones((3, 3, 3)))
        wanted[classes == k] = parts[tuple(cubes.T)] + total
        total += many
    assert np.array_equal(numbers, wanted)


@given(scenes(), st.data())
@settings(deadline=None)
def test_neither_order_nor_pieces_matter(scene: Scene, data: st.DataObject) -> None:
    metres, classes = scene
    whole = number_points(metres, classes, LABELS)
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    order = rng.permutation(len(metres))
    pieces = np.array_split(order, data.draw(st.integers(1, 10)))
    objects = PointObjects(LABELS)
    for piece in pieces:
        objects.add(metres[piece], classes[piece])
    assert objects.group() == whole.max(initial=0)
    for piece in pieces:
        assert np.array_equal(objects.numbers(metres[piece], classes[piece]), whole[piece])


@given(scenes())
def test_points_within_the_radius_are_of_one_object(scene: Scene) -> None:
    metres, classes = scene
    trees = metres[classes == 2]
    numbers = number_points(metres, classes, LABELS)[classes == 2]
    for one, two in cKDTree(trees - metres.mean(axis=0)).query_pairs(0.99):
        assert numbers[one] == numbers[two]


def test_small_objects_are_none_and_ids_rise_with_x() -> None:
    metres = np.array([[9.0, 0, 0]] * 4 + [[5, 0, 0]] * 2 + [[1, 9, 0]] * 3 + [[0, 0, 0]] * 9)
    classes = np.array([1] * 9 + [0] * 9)
    assert number_points(metres, classes, LABELS).tolist() == [2] * 4 + [0] * 2 + [1] * 3 + [0] * 9


def test_scans_of_no_points_and_of_no_things_have_no_objects() -> None:
    assert number_points(np.zeros((0, 3)), np.zeros(0, np.int64), LABELS).shape == (0,)
    assert number_points(np.zeros((2, 3)), np.array([0, -1]), LABELS).tolist() == [0, 0]


def test_what_cannot_be_grouped_is_one_line() -> None:
    far = np.array([[0.0, 0, 0], [6e5, 0, 0]])
    with pytest.raises(InputError, match=r"points of car lie more than 524 km apart"):
        number_points(far, np.array([1, 1]), LABELS)
    with pytest.raises(InputError, match=r"knows no things, of its classes road; .*'thing: true'"):
        require_things(LabelMap((ROAD,)))
    require_things(LABELS)
