"""Pages are divided until all of them is printed on."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.pages.founts import founts
from volseg.synthetic.pages.layout import HEIGHTS, WIDTHS, draw_sheet


def test_pages_are_full_and_have_margins() -> None:
    for seed in range(4):
        sheet = draw_sheet(np.random.default_rng(seed), founts())
        height, width = sheet.labels.shape
        assert WIDTHS[0] <= width < WIDTHS[1]
        assert HEIGHTS[0] <= height < HEIGHTS[1]
        assert (sheet.labels > 0).mean() > 0.35
        assert not sheet.labels[:10].any()
        assert not sheet.labels[:, :10].any()
