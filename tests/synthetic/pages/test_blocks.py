"""Blocks stay in their boxes, and their ink is what their labels say."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.synthetic.pages.paper import blank, ink
from volseg.synthetic.pages.blocks import (
    column_edges,
    print_advert,
    print_article,
    print_headline,
    print_picture,
    print_table,
)
from volseg.synthetic.pages.sheet import Box, PageLabel

BOX = Box(30, 20, 270, 180)


@pytest.mark.parametrize(
    ("block", "label"),
    [
        (print_picture, PageLabel.PICTURE),
        (print_table, PageLabel.TABLE),
        (print_advert, PageLabel.ADVERT),
    ],
)
def test_a_block_is_one_object_in_its_box(block: Callable[..., Any], label: PageLabel) -> None:
    sheet, style = blank()
    block(sheet, BOX, style)
    assert (sheet.labels == label).sum() > 0.5 * BOX.width * BOX.height
    assert set(np.unique(sheet.objects)) == {0, 1}
    outside = sheet.labels.copy()
    outside[BOX.top : BOX.bottom, BOX.left : BOX.right] = 0
    assert not outside.any()
    assert (sheet.labels[ink(sheet)] > 0).mean() > 0.97


def test_an_article_is_headline_text_and_rules() -> None:
    sheet, style = blank()
    print_article(sheet, BOX, style, 2, True)
    assert set(np.unique(sheet.labels)) >= {PageLabel.PAPER, PageLabel.TEXT, PageLabel.RULE}
    assert (sheet.labels[ink(sheet)] > 0).mean() > 0.95


def test_a_headline_ends_above_what_follows() -> None:
    sheet, style = blank()
    below = print_headline(sheet, BOX, style, 2.0)
    rows = np.flatnonzero((sheet.labels == PageLabel.HEADLINE).any(axis=1))
    assert BOX.top <= rows[0]
    assert rows[-1] < below


def test_columns_fill_a_box_with_gaps_between() -> None:
    edges = column_edges(BOX, 3, 12)
    assert (edges[0][0], edges[-1][1]) == (BOX.left, BOX.right)
    assert [b[0] - a[1] for a, b in pairwise(edges)] == [12, 12]
