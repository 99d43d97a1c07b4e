"""Bars lead from their starts to their ends; wires hang through by their sag."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.synthetic.extent import extent
from volseg.synthetic.airborne.lines.bars import SPAN, bars, chain, hang
from volseg.synthetic.labels import Label, Material, Skin

SKIN = Skin(Label.WIRE, Material.METAL)


def test_bars_fill_the_way_between_their_ends() -> None:
    start = np.array([[0.0, 0, 0], [5, 0, 0], [0, 9, 0]])
    end = np.array([[0.0, 0, 7], [9, 0, 0], [2, 11, 3]])
    made = bars(start, end, 0.2, SKIN)
    assert len(made) == 6
    np.testing.assert_allclose(made.anchor, np.tile((start + end) / 2, (2, 1)))
    for axis, other in ((made.u, made.v),):
        np.testing.assert_allclose((axis * other).sum(axis=1), 0, atol=1e-12)
        np.testing.assert_allclose(np.linalg.norm(other, axis=1), 0.1)
    low, high = extent(made)
    np.testing.assert_allclose(high - low, (9, 11, 7), atol=0.4)


@given(span=st.floats(5, 400), rise=st.floats(-40, 40), sag=st.floats(0, 15), turn=st.floats(0, 6))
def test_a_wire_keeps_its_ends_and_hangs_by_its_sag(
    span: float, rise: float, sag: float, turn: float
) -> None:
    start = np.array([1.0, 2, 30])
    end = start + (span * np.cos(turn), span * np.sin(turn), rise)
    points = hang(start, end, sag)
    np.testing.assert_allclose(points[[0, -1]], (start, end))
    straight = np.linspace(start[2], end[2], len(points))
    below = straight - points[:, 2]
    assert 0.7 * sag - 1e-9 <= below.max() <= sag + 1e-9
    assert (np.diff(points[:, 2], 2) >= -1e-9).all()


def test_a_chain_has_no_bar_longer_than_its_span() -> None:
    points = hang(np.zeros(3), np.array([200.0, 0, 0]), 6)
    made = chain(points, 0.05, SKIN)
    assert 2 * np.linalg.norm(made.u, axis=1).max() < SPAN * 1.1
    assert len(made) == 2 * (len(points) - 1)
    assert extent(made)[0][2] == pytest.approx(-6, abs=0.1)
