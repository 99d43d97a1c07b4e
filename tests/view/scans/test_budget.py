"""Which points are drawn: no more than a screen can show, more of them where one looks."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.view.scans.budget import PointBudget
from volseg.view.spots import Spot

XYZ = np.random.default_rng(0).uniform(0, 100, (20_000, 3))
SPOT = Spot(1, np.array([50.0, 50.0, 50.0]), np.full(3, 2.0))


@pytest.mark.parametrize("most", [2, 500, 20_000, 30_000])
def test_no_more_points_than_allowed(most: int) -> None:
    budget = PointBudget(XYZ, most)
    for rows in (budget.drawn, budget.around(SPOT)):
        assert len(rows) == len(np.unique(rows)) <= most
    if most >= len(XYZ):
        assert (budget.around(SPOT) == np.arange(len(XYZ))).all()


def test_a_spot_is_drawn_closely_and_the_rest_sparsely() -> None:
    budget = PointBudget(XYZ, 2000)
    near, far = (
        np.abs(XYZ[rows] - SPOT.centre).max(axis=1) < 4 * SPOT.radius
        for rows in (budget.around(SPOT), budget.drawn)
    )
    assert near.sum() > 3 * far.sum()
    assert (~near).sum() > 500


def test_strays_are_not_drawn() -> None:
    budget = PointBudget(np.vstack([XYZ, [[1e6, 0, 0], [np.nan, 0, 0]]]), 30_000)
    assert budget.near.max() < len(XYZ)


def test_a_scan_without_any_place_is_refused() -> None:
    with pytest.raises(InputError, match="nothing to see"):
        PointBudget(np.full((3, 3), np.nan), 10)
