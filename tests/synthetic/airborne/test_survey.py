"""Surveys: within the tile, whole pulses, on the ground but for noise, strips apart."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.grounds import device, ground
from volseg.synthetic.airborne.survey import SurveyPoints, survey
from volseg.synthetic.crowns import crowns
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scenery import Scenery

LEAF = Skin(Label.VEGETATION, Material.LEAF)


def hill() -> np.ndarray:
    i, j = np.mgrid[:161, :161]
    return 9 * np.sin(i / 30) + 6 * np.cos(j / 25)


def flown(seed: int = 0, **changes: object) -> SurveyPoints:
    rng = np.random.default_rng(seed)
    terrain = ground(hill())
    x, y = rng.uniform(-60, 60, (2, 400))
    wood = crowns(np.stack((x, y, terrain.height(x, y) + 9), axis=1), (3, 3, 5), 0.2, LEAF)
    return survey(rng, device(**changes), terrain, Scenery(crowns=wood), 100.0)


@pytest.fixture(scope="module")
def points() -> SurveyPoints:
    return flown()


def test_points_lie_within_the_tile_and_on_the_ground(points: SurveyPoints) -> None:
    assert np.abs(points.xyz[:, :2]).max() <= 50
    x, y, z = points.xyz[points.label == Label.GROUND].T
    off = z - ground(hill()).height(x, y)
    assert np.abs(off).mean() < 0.03
    assert np.abs(off).max() < 0.5  # half a footprint on a slope
    over = points.xyz[:, 2] - ground(hill()).height(*points.xyz[:, :2].T)
    assert over[points.label == Label.VEGETATION].min() > 1


def test_first_returns_are_highest_and_pulses_are_whole(points: SurveyPoints) -> None:
    key = np.stack((points.point_source_id, points.gps_time), axis=1)
    order = np.lexsort((points.return_number, key[:, 1], key[:, 0]))
    number, count = points.return_number[order], points.number_of_returns[order]
    z, key = points.xyz[order, 2], key[order]
    same = (key[1:] == key[:-1]).all(axis=1)
    assert (number[1:][same] == number[:-1][same] + 1).all()
    assert (z[1:][same] < z[:-1][same]).all()
    assert (number[1:][~same] == 1).all()
    assert (number[:-1][~same] == count[:-1][~same]).all()
    assert 0.02 < (count > 1).mean() < 0.9


def test_strays_are_noise_above_and_below() -> None:
    points = flown(stray=0.02)
    over = points.xyz[:, 2] - ground(hill()).height(*points.xyz[:, :2].T)
    assert over[points.label == Label.NOISE].min() < -0.3
    assert over[points.label == Label.HIGH_NOISE].max() > 15
    assert (over[~np.isin(points.label, (Label.NOISE, Label.HIGH_NOISE))] > -0.6).all()
    share = np.isin(points.label, (Label.NOISE, Label.HIGH_NOISE)).mean()
    assert share == pytest.approx(0.02, rel=0.4)


def test_strips_miss_each_other_by_an_offset() -> None:
    points = flown(view=0.1, offset=0.5, lap=0.5)
    off = points.xyz[:, 2] - ground(hill()).height(*points.xyz[:, :2].T)
    strips = np.unique(points.point_source_id)
    assert len(strips) > 1
    rows = points.label == Label.GROUND
    level = [np.median(off[rows & (points.point_source_id == strip)]) for strip in strips]
    assert np.ptp(level) > 0.1


def test_angles_grow_to_the_edge_of_the_swath(points: SurveyPoints) -> None:
    angle = 0.006 * points.scan_angle
    assert np.abs(angle).max() <= np.degrees(device().view) + 2
    assert points.gps_time.min() > 0


@pytest.mark.parametrize("pattern", ["lines", "zigzag", "ellipse"])
@pytest.mark.parametrize("density", [0.5, 10.0])
def test_all_strips_together_are_as_dense_as_asked(pattern: str, density: float) -> None:
    points = flown(pattern=pattern, density=density, lap=0.5, view=0.15)
    pulses = (points.return_number == 1).sum() / 100.0**2
    assert pulses == pytest.approx(density, rel=0.15)
