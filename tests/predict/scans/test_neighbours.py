"""Scans adjoin that touch or nearly do, in one coordinate system."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.predict.scans.runs import wkt
from volseg.io.scans.extent import ScanExtent
from volseg.predict.scans.neighbours import Adjacency, neighbours

NEAR = Adjacency(halo=5.0, overlap=0.5)
HERE, THERE = wkt(2154), wkt(28992)


def square(x: float, y: float = 0.0, crs: str = HERE) -> ScanExtent:
    return ScanExtent(crs, (x, y), (x + 100, y + 100))


def test_the_gap_decides() -> None:
    gaps = {"overlaps": 99.5, "touches": 100.0, "near": 105.0, "far": 105.5, "corner": 104.0}
    extents = {"own": square(0)} | {name: square(x) for name, x in gaps.items()}
    extents["corner"] = square(104.0, 104.0)
    near, strangers = neighbours(extents, NEAR)
    assert near["own"] == ["touches", "near", "corner"]
    assert not any(strangers.values())


def test_scans_of_other_systems_are_strangers() -> None:
    near, strangers = neighbours({0: square(0), 1: square(100, crs=THERE)}, NEAR)
    assert near == {0: [], 1: []}
    assert strangers == {0: [1], 1: [0]}


@given(st.lists(st.tuples(st.integers(-300, 300), st.integers(-300, 300)), max_size=8))
def test_neighbours_are_mutual_whatever_their_order(corners: list[tuple[int, int]]) -> None:
    extents = {number: square(x, y) for number, (x, y) in enumerate(corners)}
    near, _ = neighbours(extents, NEAR)
    assert all(own in near[other] for own, others in near.items() for other in others)
    turned, _ = neighbours(dict(reversed(extents.items())), NEAR)
    assert {key: set(others) for key, others in near.items()} == {
        key: set(others) for key, others in turned.items()
    }
    for own, extent in extents.items():
        adjoin = NEAR.adjoin(extent, list(extents.values()))
        assert {*np.flatnonzero(adjoin)} - {own} == set(near[own])
