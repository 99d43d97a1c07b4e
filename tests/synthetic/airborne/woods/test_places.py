"""Places of plants: as far apart as asked, in their area, on dry ground."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills
from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.woods.places import clearings, patches, places

AREA = Area(0, 0, 60, 40, 0.7)


@pytest.mark.parametrize("jitter", [0.0, 0.1, 0.45])
def test_plants_fill_their_area_a_pitch_apart(jitter: float) -> None:
    feet = places(np.random.default_rng(0), hills(), AREA, (3, 4), jitter)
    assert len(feet) == pytest.approx(200, rel=0.06)
    assert AREA.holds(feet[:, 0], feet[:, 1]).all()
    np.testing.assert_allclose(feet[:, 2], hills().height(feet[:, 0], feet[:, 1]))
    gaps = np.linalg.norm(feet[:, None, :2] - feet[None, :, :2], axis=2) + 1e9 * np.eye(len(feet))
    assert gaps.min() >= (3 - 1e-9 if jitter == 0 else 3 * (1 - 2 * jitter) - 1e-9)


def test_no_more_plants_than_asked_and_none_in_water() -> None:
    rng = np.random.default_rng(0)
    assert 400 < len(places(rng, hills(), AREA, (0.1, 0.1), most=500)) <= 500
    wet = hills(wet=0.0)
    feet = places(rng, wet, AREA, (1, 1))
    assert 0 < len(feet) < 2400
    assert not wet.wet(feet[:, 0], feet[:, 1]).any()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_clearings_take_about_their_share(share: float) -> None:
    feet = np.random.default_rng(1).uniform(0, 3000, (4000, 3))
    kept = clearings(np.random.default_rng(2), feet, 20, share)
    assert len(kept) / len(feet) == pytest.approx(1 - share, abs=0.12)
    field = patches(np.random.default_rng(3), feet, 20)
    close = patches(np.random.default_rng(3), feet + 0.5, 20)
    assert np.abs(field - close).max() < 0.15
