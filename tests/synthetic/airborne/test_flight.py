"""Flights: strips that cover a tile as densely as asked, whatever the pattern and the ground."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.grounds import device, flat, ground
from volseg.synthetic.airborne.devices import Pattern
from volseg.synthetic.airborne.fall import fall
from volseg.synthetic.airborne.flight import Line, cleared, fly, plan_lines


@pytest.mark.parametrize("size", [40.0, 900.0])
@pytest.mark.parametrize("seed", range(4))
def test_strips_cover_every_place_of_a_tile(size: float, seed: int) -> None:
    flown = device(lap=0.3)
    lines = plan_lines(np.random.default_rng(seed), flown, size)
    half = flown.height * np.tan(flown.view)
    x, y = np.random.default_rng(seed).uniform(-size / 2, size / 2, (2, 500))
    covers = np.zeros(500)
    for line in lines:
        away = np.cos(line.heading) * y - np.sin(line.heading) * x - line.aside
        covers += np.abs(away) <= half
    assert covers.min() >= 1
    assert len({line.number for line in lines}) == len(lines)


@pytest.mark.parametrize("pattern", ["lines", "zigzag", "ellipse"])
@pytest.mark.parametrize("aside", [0.0, 120.0])
def test_a_strip_sends_as_many_pulses_to_a_tile_as_asked(pattern: Pattern, aside: float) -> None:
    flown = device(pattern=pattern, view=0.3, beams=1)
    strips = [*fly(np.random.default_rng(0), flown, Line(0.7, aside, 0), flat(), (0, 0, 60), 8.0)]
    places = []
    for rays in strips:
        every = np.arange(len(rays))
        places.append(rays.origins(every) + fall(rays, flat())[:, None] * rays.directions(every))
        assert (np.diff(rays.along) >= 0).all()
    x, y, _ = np.concatenate(places).T
    inside = (np.abs(x) < 30) & (np.abs(y) < 30)
    assert inside.sum() / 3600 == pytest.approx(8.0, rel=0.35)
    quarters = np.histogram2d(x[inside], y[inside], bins=2)[0]
    assert quarters.min() > 0.6 * quarters.mean()
    assert inside.mean() > 0.7


def test_rays_of_a_pulse_lie_within_its_footprint() -> None:
    flown = device(beams=5, divergence=1e-3)
    [rays] = fly(np.random.default_rng(0), flown, Line(0.7, 30, 0), flat(), (0, 0, 60), 2.0)
    every = np.arange(len(rays))
    foot = (rays.origins(every) + fall(rays, flat())[:, None] * rays.directions(every))[:, :2]
    foot = foot.reshape(-1, 5, 2)
    away = np.hypot(*(foot[:, 1:] - foot[:, :1]).transpose(2, 0, 1))
    assert away.max() < 0.5 * 1e-3 * 800 * 1.1
    assert away.min() > 0.2 * 1e-3 * 800


def test_aircraft_fly_over_the_highest_ground() -> None:
    i, _ = np.mgrid[:101, :101]
    peak = ground(8.0 * i)
    high = cleared(device(height=50.0), peak)
    for rays in fly(np.random.default_rng(0), high, Line(0, 0, 0), peak, (0, 0, 60), 1.0):
        assert rays.start[2] >= 800 + 25
        assert (rays.directions(np.arange(len(rays)))[:, 2] < 0).all()
