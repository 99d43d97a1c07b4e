"""Networks to choose from: all fit the budget, each wider than the last."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import prod
from typing import Any

import pytest
import torch

from tests.plan.test_draft import draft
from volseg.errors import InputError
from volseg.plan.defaults import WIDTHS, WISHED_BATCH
from volseg.plan.fit import Budget
from volseg.plan.ladder import Rung, ladders
from volseg.plan.topology import topology


def budget(memory: int = 10**10) -> Budget:
    return Budget.of(memory, torch.device("cpu"), 10**9).hurried()


def widths(ladder: list[Rung]) -> list[int]:
    return [rung.config.net.widths[0] for rung in ladder]


def test_each_is_wider_than_the_last_and_as_quick_as_can_be(paper: Any) -> None:
    cubes = replace(draft(), spacing=(1.0, 1.0, 1.0))
    flat, deep = ladders([cubes.seeing((0, 1)), cubes], paper(), budget())
    assert widths(deep) == widths(flat) == [w for w in WIDTHS if w <= cubes.width]
    for rung in flat + deep:
        assert rung.config.train.batch == WISHED_BATCH[rung.config.nd]
        assert rung.covered == 1.0
    for ladder in (flat, deep):
        assert all(a.config.images.patch == b.config.images.patch for a, b in pairwise(ladder))


def test_what_was_seen_coarser_is_seen_by_the_widest_alone(paper: Any) -> None:
    fine = draft((0, 1))
    coarse = replace(fine, spacing=(2.0, 2.0, 4.0), median=(24, 20, 12))
    first, second = ladders([coarse, fine], paper(), budget())
    assert widths(first) == [w for w in WIDTHS if w <= fine.width]
    assert widths(second) == [fine.width]
    assert min(rung.enough for rung in second) > max(rung.enough for rung in first)


def test_thick_slices_are_seen_together_by_the_widest_alone(paper: Any) -> None:
    flat, deep = ladders([draft().seeing((0, 1)), draft()], paper(), budget())
    assert widths(flat)[-1] == draft().width
    assert widths(deep) == [draft().width]


def test_volumes_alone_are_seen_by_networks_of_all_widths(paper: Any) -> None:
    (deep,) = ladders([draft(width=32)], paper(), budget())
    assert widths(deep) == list(WIDTHS)


def test_what_fits_no_more_is_left_out(paper: Any) -> None:
    little = 5 * 10**6
    (deep,) = ladders([draft(width=32)], paper(), budget(little))
    assert 0 < len(deep) < len(WIDTHS)
    for rung in deep:
        fine = topology(rung.draft.spacing, rung.config.images.patch)
        cells = rung.config.train.batch * prod(rung.config.images.patch)
        assert rung.draft.prices(paper())(fine).of(cells) <= little


def test_nothing_fits(paper: Any) -> None:
    with pytest.raises(InputError, match="give it more with --memory"):
        ladders([draft()], paper(), budget(10**5))
