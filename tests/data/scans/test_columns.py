"""Columns: every point in its own, counted alike for any pieces, found again by place and rank."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.data.scans.columns import Columns, Counter, cells_of, edge_for, keys_of, places_of
from volseg.errors import InputError

LABELS = 3
EXTENTS = {0: (90.0, 30.0, 5.0), 1: (30.0, 90.0, 5.0)}


def points(axis: int, seed: int = 0, count: int = 900) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    metres = random.uniform(0, EXTENTS[axis], (count, 3)) + (-45.0, 5e6, 0.0)
    return metres, random.integers(-1, LABELS, count)


def columns(axis: int, edge: float = 4.0) -> Columns:
    counter = Counter(edge, LABELS)
    counter.add(*points(axis))
    return counter.columns()


places = st.integers(-(2**31) + 2, 2**31 - 2)


@given(st.lists(st.tuples(places, places), min_size=1, max_size=20))
def test_keys_are_in_the_order_of_places_and_name_them(pairs: list[tuple[int, int]]) -> None:
    along, across = np.array(sorted(pairs), dtype=np.int64).T
    keys = keys_of(along, across)
    assert (keys[1:] >= keys[:-1]).all()
    np.testing.assert_array_equal(places_of(keys), (along, across))


@pytest.mark.parametrize("axis", [0, 1])
def test_are_sorted_along_the_longer_side_first(axis: int) -> None:
    made, (metres, labels) = columns(axis), points(axis)
    assert made.axis == axis
    cells = made.cells()
    order = np.lexsort((cells[:, 1 - axis], cells[:, axis]))
    np.testing.assert_array_equal(order, np.arange(len(cells)))
    found, counts = np.unique(np.floor(metres[:, :2] / 4.0), axis=0, return_counts=True)
    np.testing.assert_array_equal(cells[np.lexsort(cells.T[::-1])], found)
    np.testing.assert_array_equal(np.sort(np.diff(made.upto[-1])), np.sort(counts))
    np.testing.assert_array_equal(cells[made.columns_of(metres)], cells_of(metres, 4.0))
    np.testing.assert_array_equal(made.counts, [(labels == one).sum() for one in range(LABELS)])
    assert len(made) == len(metres)


@given(cuts=st.lists(st.integers(0, 900), max_size=5), shuffled=st.booleans())
def test_any_pieces_in_any_order_count_the_same(cuts: list[int], shuffled: bool) -> None:
    metres, labels = points(0)
    counter = Counter(4.0, LABELS)
    parts = np.split(np.arange(900), sorted(cuts))
    for rows in reversed(parts) if shuffled else parts:
        counter.add(metres[rows], labels[rows])
    found, wanted = counter.columns(), columns(0)
    np.testing.assert_array_equal(found.keys, wanted.keys)
    np.testing.assert_array_equal(found.upto, wanted.upto)


@given(axis=st.integers(0, 1), corners=st.lists(st.floats(-0.3, 1.3), min_size=4, max_size=4))
def test_runs_hold_every_point_of_a_rectangle_and_little_else(
    axis: int, corners: list[float]
) -> None:
    made, (metres, _) = columns(axis), points(axis)
    ends = np.sort(np.reshape(corners, (2, 2)), axis=0) * EXTENTS[axis][:2] + (-45.0, 5e6)
    rows = np.concatenate([np.empty(0, int), *(np.r_[one] for one in made.within(*ends))])
    ordered = metres[np.argsort(made.columns_of(metres), kind="stable")][:, :2]
    inside = ((ordered >= ends[0]) & (ordered <= ends[1])).all(axis=1)
    assert set(np.flatnonzero(inside)) <= set(rows.tolist())
    near = ((ordered >= ends[0] - 4.0) & (ordered <= ends[1] + 4.0)).all(axis=1)
    assert near[rows].all()
    assert len(set(rows.tolist())) == len(rows)


@pytest.mark.parametrize("axis", [0, 1])
def test_ranks_lead_to_the_points_of_a_label_in_their_order(axis: int) -> None:
    whole, (metres, labels) = columns(axis), points(axis)
    ordered = labels[np.argsort(whole.columns_of(metres), kind="stable")]
    for made in (whole, *whole.cut(0.4)):
        for label in range(LABELS):
            found = []
            for rank in range(int(made.counts[label])):
                rows, own = made.holding(label, rank)
                found.append(rows.start + np.flatnonzero(ordered[rows] == label)[own])
            start, stop = made.upto[-1, [0, -1]]
            wanted = np.flatnonzero(ordered == label)
            np.testing.assert_array_equal(found, wanted[(wanted >= start) & (wanted < stop)])


@pytest.mark.parametrize("axis", [0, 1])
@given(share=st.floats(0.01, 0.99))
def test_a_cut_parts_the_longer_side_in_two(axis: int, share: float) -> None:
    whole = columns(axis)
    near, far = whole.cut(share)
    assert len(near) + len(far) == len(whole)
    assert near.cells()[:, axis].max() < far.cells()[:, axis].min()
    np.testing.assert_array_equal(near.counts + far.counts, whole.counts)
    length = np.ptp(whole.cells()[:, axis]) + 1
    assert abs(np.ptp(far.cells()[:, axis]) + 1 - share * length) <= 1.5


def test_what_lies_in_one_strip_is_not_cut() -> None:
    counter = Counter(8.0, 1)
    counter.add(np.random.default_rng(0).uniform(0, 7, (9, 3)), np.zeros(9, dtype=np.int64))
    with pytest.raises(InputError, match=r"too short.*8 m.*data\.validation 0"):
        counter.columns().cut(0.2)


def test_stray_points_that_no_column_can_name_are_refused() -> None:
    with pytest.raises(InputError, match="too far"):
        cells_of(np.array([[0.0, 0, 0], [1e12, 0, 0]]), 4.0)


@given(st.floats(1e-3, 1e4))
def test_four_to_eight_columns_span_a_square(side: float) -> None:
    assert 4.0 <= side / edge_for(side) < 8.0
