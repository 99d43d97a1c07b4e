from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from volseg.predict.objects.footprints import DIRECTIONS, Footprints


def test_directions_turn_counterclockwise_once() -> None:
    angles = np.arctan2(DIRECTIONS[:, 1], DIRECTIONS[:, 0])
    steps = np.diff(angles, append=angles[0]) % (2 * np.pi)
    assert len(DIRECTIONS) == 32
    assert steps.sum() == pytest.approx(2 * np.pi)
    assert np.degrees(steps).max() < 15


@given(st.integers(0, 2**31), st.integers(3, 300), st.integers(1, 6))
@settings(deadline=None)
def test_pieces_and_order_change_nothing_and_the_outline_is_nearly_the_hull(seed, points, pieces):
    rng = np.random.default_rng(seed)
    numbers, places = rng.integers(0, 4, points), rng.integers(-(10**9), 10**9, (points, 2))
    whole, parts = Footprints(3), Footprints(3)
    whole.add(numbers, places)
    for piece in np.array_split(rng.permutation(points), pieces):
        parts.add(numbers[piece], places[piece])
    assert np.array_equal(whole.areas(), parts.areas())
    for number in set(numbers[numbers > 0].tolist()):
        own = places[numbers == number]
        outline = whole.outline(number)
        assert np.array_equal(outline, parts.outline(number))
        assert {*map(tuple, outline.tolist())} <= {*map(tuple, own.tolist())}
        # What is cut off is flat: directions are 15 degrees apart at most.
        for corner, edge in zip(outline, np.roll(outline, -1, axis=0) - outline, strict=True):
            length = np.hypot(*edge)
            beyond = ((own - corner) @ (edge[1], -edge[0])) / max(length, 1)
            assert beyond.max() <= length / 2 * np.tan(np.radians(7.5)) + 1
        if len(own) > 2:
            assert whole.areas()[number - 1] <= ConvexHull(own).volume * (1 + 1e-9)


def test_a_box_has_its_corners_and_its_area() -> None:
    y, x = np.mgrid[0:11, 0:21]
    box = Footprints(1)
    box.add(np.ones(x.size, np.int64), np.stack((x.ravel(), y.ravel()), axis=1))
    assert {*map(tuple, box.outline(1).tolist())} == {(0, 0), (20, 0), (20, 10), (0, 10)}
    assert box.areas().tolist() == [200]


def test_one_point_and_two_have_no_area() -> None:
    few = Footprints(2)
    few.add(np.array([1, 2, 2]), np.array([[5, 5], [0, 0], [9, 3]]))
    assert few.outline(1).tolist() == [[5, 5]]
    assert sorted(few.outline(2).tolist()) == [[0, 0], [9, 3]]
    assert few.areas().tolist() == [0, 0]
