"""Scans on disk hold exactly the points they were given, wherever they are read from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.data.scans import store as cached
from volseg.data.scans.samples import Scan

Keep = Callable[..., cached.CachedScan]


@pytest.fixture(scope="module")
def scan() -> Scan:
    random = np.random.default_rng(0)
    metres = random.uniform((6e5, 5e6, 0), (6e5 + 30, 5e6 + 70, 9), (2000, 3))
    attributes = {
        "height": random.random((2000, 1), np.float32),
        "colour": random.random((2000, 3), np.float32),
    }
    return Scan("made", metres, attributes, random.integers(-1, 3, 2000))  # type: ignore[arg-type]


def same(one: Scan, other: Scan) -> None:
    """Whether two scans have the same points in the same order, to the bit."""
    np.testing.assert_array_equal(one.metres, other.metres)
    np.testing.assert_array_equal(one.labels, other.labels)  # type: ignore[arg-type]
    assert one.attributes.keys() == other.attributes.keys()
    for name, values in one.attributes.items():
        np.testing.assert_array_equal(values, other.attributes[name])
        assert values.dtype == other.attributes[name].dtype


def ordered(scan: Scan, kept: cached.CachedScan) -> Scan:
    """The points in the order they should be kept in."""
    return scan.take(np.argsort(kept.columns.columns_of(scan.metres), kind="stable"))


def everything(kept: cached.CachedScan) -> Scan:
    return kept.within(np.full(2, -np.inf), np.full(2, np.inf))


def test_all_points_come_back_sorted_by_column(scan: Scan, keep: Keep) -> None:
    kept = keep(scan, 3)
    same(everything(kept), ordered(scan, kept))
    assert len(kept) == len(scan)


@given(cuts=st.lists(st.integers(0, 2000), min_size=1, max_size=6))
@settings(max_examples=20, deadline=None)
def test_parts_of_any_size_make_the_same_files(scan: Scan, keep: Keep, cuts: list[int]) -> None:
    pieces = [scan.take(rows) for rows in np.split(np.arange(2000), sorted(cuts))]
    one, other = keep(scan, 3), keep(scan, 3, parts=pieces)
    files = sorted(file.name for file in one.folder.iterdir())
    assert files == ["colour.npy", "height.npy", "keys.npy", "labels.npy", "metres.npy", "upto.npy"]
    for name in files:
        assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes()


@given(
    corner=st.tuples(st.floats(-5, 35), st.floats(-5, 75)),
    sides=st.tuples(st.floats(0, 50), st.floats(0, 50)),
)
@settings(deadline=None)
def test_a_rectangle_has_its_points_in_the_same_order(
    scan: Scan, kept: cached.CachedScan, corner: Any, sides: Any
) -> None:
    lower = np.array(corner) + (6e5, 5e6)
    upper = lower + sides
    whole = ordered(scan, kept)
    flat = whole.metres[:, :2]
    inside = np.flatnonzero(((flat >= lower) & (flat <= upper)).all(axis=1))
    same(kept.within(lower, upper), whole.take(inside))


@pytest.fixture(scope="module")
def kept(scan: Scan, keep: Keep) -> cached.CachedScan:
    return keep(scan, 3)


def test_ranks_lead_to_the_points_of_a_label(scan: Scan, kept: cached.CachedScan) -> None:
    for part in (kept, *kept.cut(0.3)):
        whole = everything(part)
        for label in range(3):
            wanted = whole.metres[whole.labels == label]
            assert len(wanted) == part.columns.counts[label] > 0
            for rank in (0, len(wanted) // 2, len(wanted) - 1):
                np.testing.assert_array_equal(part.place(label, rank), wanted[rank])


def test_the_two_ends_are_all_of_it(scan: Scan, kept: cached.CachedScan) -> None:
    near, far = kept.cut(0.3)
    assert everything(near).metres[:, 1].max() < everything(far).metres[:, 1].min()
    both = np.concatenate((everything(near).metres, everything(far).metres))
    np.testing.assert_array_equal(both, everything(kept).metres)


@pytest.mark.parametrize("block", [1, 150, 10**6])
def test_blocks_go_through_every_point_once(
    kept: cached.CachedScan, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached, "BLOCK", block)
    for part in (kept, *kept.cut(0.3)):
        columns, last = part.columns, 0
        found = []
        for rows, points in part.blocks():
            assert rows.start == last
            last = rows.stop
            assert len(points) <= block or rows.stop == rows.start + 1
            assert len(points) == len(columns[rows])
            found.append(points.metres)
        assert last == len(columns.keys)
        np.testing.assert_array_equal(np.concatenate(found), everything(part).metres)


def test_arrays_are_mapped_and_not_kept_open(kept: cached.CachedScan) -> None:
    part = everything(kept)
    assert not isinstance(part.metres, np.memmap)
    assert part.metres.flags.writeable  # a copy: changing a crop changes no file
