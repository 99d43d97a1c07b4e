"""Devices: drawn within what is usual of their kind, and as dense as asked."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.synthetic.airborne.devices import draw_device
from volseg.synthetic.airborne.kinds import FLOWN, Flown


@pytest.mark.parametrize("kind", FLOWN)
def test_devices_are_drawn_by_seed_and_differ(kind: Flown) -> None:
    first, again, other = (draw_device(np.random.default_rng(n), kind, None) for n in (1, 1, 2))
    assert first == again != other
    assert draw_device(np.random.default_rng(1), kind, 3.25).density == 3.25


def test_kinds_are_what_they_are_called() -> None:
    drawn = {k: [draw_device(np.random.default_rng(n), k, None) for n in range(9)] for k in FLOWN}
    assert all(30 <= device.height <= 80 for device in drawn["drone"])
    assert all(device.most == device.beams == 1 for device in drawn["geiger"])
    assert {device.keeps for device in drawn["nineties"]} == {"first", "last"}
    assert max(d.density for d in drawn["nineties"]) < 2 < min(d.density for d in drawn["geiger"])
    assert min(device.density for device in drawn["drone"]) >= 100
    assert all(device.most >= 7 for device in drawn["dense"])
