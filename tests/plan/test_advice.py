"""A config that is too large for its minutes is named, with what a plan would give."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plan.test_draft import draft
from volseg.config import VolumeConfig
from volseg.plan.advice import too_large
from volseg.plan.topology import topology

MEDIAN = (48, 40, 12)
LARGE = draft().config(topology((1.0, 1.0, 4.0), MEDIAN), 2)


def by_width(config: VolumeConfig) -> float:
    """Seconds a step: as the width, five times as many of volumes."""
    return config.net.widths[0] * (0.05 if config.nd == 3 else 0.01)


def test_the_line_says_what_is_too_large_and_what_is_not(paper: Any) -> None:
    line = too_large(LARGE, MEDIAN, 8, 2, paper(takes=by_width))
    assert line == (
        "2 minutes hold about 135 steps of this network (3-D, widths 16 to 128, 2 patches of "
        "48 x 40 x 12), too few; 'volseg plan --minutes 2' would take 2-D, widths 16 to 128, "
        "4 patches of 48 x 40: 675 steps"
    )


def test_nothing_is_said_where_the_minutes_do(paper: Any) -> None:
    assert too_large(LARGE, MEDIAN, 8, 15, paper(takes=by_width)) is None


def test_nothing_is_said_where_nothing_is_better(paper: Any) -> None:
    assert too_large(LARGE, MEDIAN, 8, 2, paper(takes=lambda _: 1.0)) is None


@pytest.mark.parametrize("minutes", [0.5, 1.0, 2.0])
def test_what_is_advised_is_not_too_large_itself(paper: Any, minutes: float) -> None:
    machine = paper(takes=by_width)
    assert too_large(LARGE, MEDIAN, 8, minutes, machine) is not None
    small = draft((0, 1), 8).config(topology((1.0, 1.0), MEDIAN[:2]), 4)
    assert too_large(small, MEDIAN, 8, minutes, machine) is None
