"""Networks to choose from: all fit the budget, each wider than the last."""

from __future__ import annotations

from itertools import pairwise
from math import prod
from typing import Any

import pytest
import torch

from tests.plan.test_draft import draft
from volseg.errors import InputError
from volseg.plan.defaults import FIRST_WIDTH, WIDTHS, WISHED_BATCH
from volseg.plan.fit import Budget
from volseg.plan.ladder import ladders
from volseg.plan.topology import topology

MEDIAN = (48, 40, 12)


def budget(memory: int = 10**10) -> Budget:
    return Budget.of(memory, torch.device("cpu"), 10**9).hurried()


def test_each_is_wider_than_the_last_and_as_quick_as_can_be(paper: Any) -> None:
    flat, deep = ladders([draft((0, 1)), draft()], MEDIAN, paper(), budget())
    assert [config.net.widths[0] for config in deep] == list(WIDTHS)
    assert [config.net.widths[0] for config in flat] == [
        w for w in WIDTHS if w <= FIRST_WIDTH["cpu"]
    ]
    for config in flat + deep:
        assert config.train.batch == WISHED_BATCH[config.nd]
    for ladder in (flat, deep):
        assert all(before.images.patch == after.images.patch for before, after in pairwise(ladder))


def test_slices_alone_are_seen_by_networks_of_all_widths(paper: Any) -> None:
    (flat,) = ladders([draft((0, 1))], MEDIAN, paper(), budget())
    assert [config.net.widths[0] for config in flat] == list(WIDTHS)


def test_what_fits_no_more_is_left_out(paper: Any) -> None:
    little = 5 * 10**6
    (deep,) = ladders([draft()], MEDIAN, paper(), budget(little))
    assert 0 < len(deep) < len(WIDTHS)
    for config in deep:
        found = draft(width=config.net.widths[0])
        fine = topology(found.spacing, config.images.patch)
        cells = config.train.batch * prod(config.images.patch)
        assert found.prices(paper())(fine).of(cells) <= little


def test_nothing_fits(paper: Any) -> None:
    with pytest.raises(InputError, match="give it more with --memory"):
        ladders([draft()], MEDIAN, paper(), budget(10**5))
