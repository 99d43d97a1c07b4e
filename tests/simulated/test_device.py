"""Every tensor is on the device that it belongs to, and steps wait for it as seldom as stated."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulated.scenarios import SCENARIOS, STEPS
from volseg.train.feed import BUILDERS
from volseg.train.loop import READ

SCANS = [name for name in SCENARIOS if name.startswith("scans")]
VOLUMES = [name for name in SCENARIOS if name.startswith(("volumes", "slices"))]


@pytest.mark.parametrize("name", SCENARIOS)
def test_all_is_done_on_the_device(found: dict[str, Any], name: str) -> None:
    assert found[name]["error"] is None


@pytest.mark.parametrize("name", VOLUMES)
def test_steps_on_volumes_wait_for_losses_alone_and_seldom(
    found: dict[str, Any], name: str
) -> None:
    steps = found[name]["steps"]
    assert len(steps) == 2 * STEPS
    for first in (0, STEPS):  # of each sitting
        for number, waits in enumerate(steps[first : first + STEPS], start=1):
            assert waits == ({"value read": 1} if number % READ == 0 else {})


@pytest.mark.parametrize("name", SCANS)
def test_steps_on_scans_wait_as_seldom_once_their_maps_are_built_beforehand(
    found: dict[str, Any], name: str
) -> None:
    """The first step of a sitting shows what to build; batches drawn meanwhile are still bare."""
    steps = [sum(waits.values()) for waits in found[name]["steps"]]
    assert len(steps) == 3 * STEPS
    most = 2 if name != "scans, objects" else 6
    for first in range(0, len(steps), STEPS):
        assert max(steps[first + BUILDERS + 2 : first + STEPS]) <= most
