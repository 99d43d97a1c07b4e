"""Power lines: pylons on dry ground, wires over it from hook to hook."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills
from tests.synthetic.extent import extent, is_one_object
from volseg.synthetic.airborne.lines.power import (
    CLEARANCE,
    draw_mast,
    power_line,
    pylon,
    telephone_line,
)
from volseg.synthetic.labels import Label

seeds = pytest.mark.parametrize("seed", range(6))
LINE = np.array([[-290.0, -200], [0, 20], [280, 30]])


@seeds
def test_a_pylon_is_as_high_as_its_mast_and_its_arms_reach_across(seed: int) -> None:
    mast = draw_mast(np.random.default_rng(seed))
    low, high = extent(pylon(mast))
    assert 15 < mast.peak < 65
    assert high[2] == pytest.approx(mast.peak, abs=0.3)
    assert low[2] == pytest.approx(-1, abs=0.2)
    reach = max(reach for _, reach in mast.arms)
    np.testing.assert_allclose((high[1], -low[1]), max(reach, mast.base), atol=0.8)
    assert high[0] < mast.base + 1
    assert is_one_object(pylon(mast))
    assert mast.raised(5).peak == mast.peak + 5
    assert len(mast.hooks) == 2 * len(mast.arms)


@seeds
def test_conductors_clear_the_ground_and_the_guard_wire_is_over_them(seed: int) -> None:
    terrain = hills(600, 0.4)
    made = power_line(np.random.default_rng(seed), terrain, LINE).facets
    wire, guard = (made.anchor[made.label == label] for label in (Label.WIRE, Label.GUARD_WIRE))
    over = wire[:, 2] - terrain.height(wire[:, 0], wire[:, 1])
    assert over.min() > 0.9 * CLEARANCE
    assert guard[:, 2].mean() > wire[:, 2].mean()
    towers = made.instance[made.label == Label.PYLON]
    assert (towers > 0).all()
    assert 3 <= len(np.unique(towers)) <= 10
    assert (made.instance[made.label != Label.PYLON] == 0).all()


@seeds
def test_pylons_stand_on_dry_ground_where_they_can(seed: int) -> None:
    terrain = hills(600, 0.1, wet=-0.8)
    made = power_line(np.random.default_rng(seed), terrain, LINE).facets
    inner = [
        made.anchor[made.instance == number].mean(axis=0)
        for number in range(2, made.instance.max())
    ]
    wet = [bool(terrain.wet(middle[0], middle[1])) for middle in inner]
    assert sum(wet) <= 1


@seeds
def test_telephone_wires_lead_from_post_to_post(seed: int) -> None:
    terrain = hills(600, 0.1)
    made = telephone_line(np.random.default_rng(seed), terrain, LINE / 4).facets
    wire = made.anchor[made.label == Label.WIRE]
    over = wire[:, 2] - terrain.height(wire[:, 0], wire[:, 1])
    assert 1 < over.min() < over.max() < 16
    assert {*made.label.tolist()} == {Label.WIRE, Label.PYLON}
