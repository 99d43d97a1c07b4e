"""Trees are as high as they are to be, about their feet, and let as much light pass."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import passing
from tests.synthetic.extent import extent
from volseg.synthetic.airborne.trees import CLUMPS, HABITS, LEAF, clumped, grow, stems
from volseg.synthetic.crowns import crowns
from volseg.synthetic.labels import Label

every = pytest.mark.parametrize("name", HABITS)


@every
def test_a_tree_is_as_high_as_asked_and_about_its_foot(name: str) -> None:
    feet = np.array([[0.0, 0, 100], [50, 0, 110], [0, 50, 90]])
    height = np.array([2.0, 10, 30])
    made = grow(np.random.default_rng(0), HABITS[name], feet, height)
    for number in range(3):
        own = made.crowns.instance == number + 1
        centre, radii = made.crowns.centre[own], made.crowns.radii[own]
        assert (centre + radii)[:, 2].max() == pytest.approx(feet[number, 2] + height[number])
        assert (centre - radii)[:, 2].min() > feet[number, 2] - 0.5
        away = np.hypot(*(centre[:, :2] - feet[number, :2]).T) + radii[:, 0]
        assert away.max() < 1.2 * height[number]
        assert len(centre) == HABITS[name].lumps
    assert {*made.crowns.label.tolist(), *made.facets.label.tolist()} == {Label.VEGETATION}


@every
def test_winter_lets_more_light_pass_except_through_evergreens(name: str) -> None:
    feet = np.zeros((1, 3))
    x = np.linspace(-1.5, 1.5, 21)
    shares = [
        passing(
            grow(
                np.random.default_rng(1), HABITS[name], feet, np.full(1, 12.0), leafy=leafy
            ).crowns,
            x,
            0 * x,
        ).mean()
        for leafy in (True, False)
    ]
    bare = HABITS[name].bare is not None and name != "snag"
    assert (shares[1] > 1.3 * shares[0]) == bare


def test_stems_reach_from_foot_to_head() -> None:
    foot, head = np.array([[0.0, 0, 1], [9, 0, 2]]), np.array([[0.5, 0, 7], [9, 1, 5]])
    made = stems(foot, head, np.full(2, 0.2))
    assert [*made.instance] == [1, 2] * 3
    low, high = extent(made)
    np.testing.assert_allclose((low[2], high[2]), (1, 7))
    np.testing.assert_allclose((low[0], high[0]), (0, 9), atol=0.25)


def test_clumps_stay_within_their_crown_and_hold_all_of_its_leaves() -> None:
    whole = crowns(np.zeros((4, 3)), (3.0, 2.0, 1.5), 0.4, LEAF, instance=[1, 2, 3, 4])
    made = clumped(np.random.default_rng(0), whole)
    assert len(made) == 4 * CLUMPS
    inner = made.centre / (3.0, 2.0, 1.5)
    assert (np.linalg.norm(inner, axis=1) + made.radii[:, 0] / 3 <= 1 + 1e-9).all()
    leaves = np.bincount(made.instance, made.radii.prod(axis=1) * made.density)
    np.testing.assert_allclose(leaves[1:], 9 * 0.4)
