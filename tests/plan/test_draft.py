"""A draft becomes a config, and is made of one again."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from volseg.config import ChannelSpec, ClassSpec, LabelSpec
from volseg.plan.draft import Draft
from volseg.plan.topology import topology

LABELS = LabelSpec(classes={name: ClassSpec(ids=(n,)) for n, name in enumerate("abc")})


def draft(axes: tuple[int, ...] = (0, 1, 2), width: int = 16) -> Draft:
    return Draft(
        LABELS, (ChannelSpec(name="T1"),), (1.0, 1.0, 5.0), (48, 40, 12), axes, (0,), width, 3
    )


def test_of_a_config_the_draft_is_the_one_it_was_made_of() -> None:
    found = topology((1.0, 1.0, 5.0), (48, 40, 12))
    assert Draft.of(draft().config(found, 2), (48, 40, 12), "cpu") == draft()


def test_slices_are_mirrored_along_axes_they_have() -> None:
    assert draft().seeing((0, 2)).mirror == (0,)
    assert draft().seeing((1, 2)).mirror == ()


@pytest.mark.parametrize(("width", "last"), [(8, 128), (12, 192), (16, 256), (32, 256)])
def test_widths_double_up_to_the_last(width: int, last: int) -> None:
    found = topology((1.0, 1.0), (512, 512))
    widths = draft((0, 1), width).config(found, 2).net.widths
    assert widths[0] == width
    assert max(widths) == last
    assert all(after in (2 * before, last) for before, after in pairwise(widths))


def test_a_wider_network_costs_more(paper: Any) -> None:
    found = topology((1.0, 1.0, 5.0), (48, 40, 12))
    prices = [draft(width=width).prices(paper())(found) for width in (8, 16)]
    assert prices[0].fixed < prices[1].fixed
    assert prices[0].voxel < prices[1].voxel


def test_a_patch_covers_a_share_of_a_volume_and_all_of_a_picture() -> None:
    assert draft().covered((24, 40, 6)) == 0.25
    assert draft((0, 1)).covered((24, 80, 1)) == 0.5
    assert replace(draft((0, 1)), median=(48, 40, 1)).covered((24, 20, 1)) == 1.0
