"""Traffic keeps to its road and its side; trains stand on their track under their wires."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills
from volseg.synthetic.airborne.lines.stations import stations
from volseg.synthetic.airborne.lines.traffic import queue, traffic, train
from volseg.synthetic.labels import Label

LINE = np.array([[-75.0, 0], [75, 0]])
seeds = pytest.mark.parametrize("seed", range(5))


@seeds
def test_vehicles_drive_apart_and_on_their_side(seed: int) -> None:
    points = stations(hills(steep=0.0), LINE, 2.0)
    rows = queue(np.random.default_rng(seed), points, 8.0)
    for place, turn, _ in rows:
        assert place[1] == pytest.approx(2 if np.cos(turn) > 0 else -2, abs=0.1)
    for side in (-2.0, 2.0):
        x = np.sort([place[0] for place, _, _ in rows if abs(place[1] - side) < 1])
        assert (np.diff(x) > 8.5).all()


@seeds
def test_vehicles_stand_on_the_road(seed: int) -> None:
    terrain = hills(steep=0.1)
    made = traffic(np.random.default_rng(seed), terrain, LINE, 7.0).facets
    over = made.anchor[:, 2] - terrain.height(made.anchor[:, 0], made.anchor[:, 1])
    assert (over > -0.5).all()
    assert (over < 4.5).all()
    assert (made.label == Label.VEHICLE).all()
    assert (made.instance > 0).all()


def test_railways_have_wagons_masts_and_wires_over_them() -> None:
    kinds: set[int] = set()
    for seed in range(8):
        made = train(np.random.default_rng(seed), hills(steep=0.02), LINE).facets
        kinds |= {*made.label.tolist()}
        wagons, wires = made.label == Label.VEHICLE, made.label == Label.WIRE
        over = made.anchor[:, 2] - hills(steep=0.02).height(made.anchor[:, 0], made.anchor[:, 1])
        assert (over[wagons] < 4.6).all()
        assert (over[wires] > 4.6).all()
        assert (np.abs(made.anchor[wagons, 1]) < 1.6).all()
        assert (made.instance[wagons] > 0).all()
    assert kinds == {Label.VEHICLE, Label.WIRE, Label.FURNITURE}
