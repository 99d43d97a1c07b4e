"""Wear bends picture and labels alike."""

from __future__ import annotations

import numpy as np

from tests.synthetic.pages.paper import blank
from volseg.synthetic.pages.sheet import Box, PageLabel
from volseg.synthetic.pages.wear import age, clouds


def test_what_is_dark_stays_what_it_was() -> None:
    sheet, _ = blank()
    box = Box(90, 60, 200, 140)
    sheet.draw.rectangle((90, 60, 199, 139), fill=0)
    sheet.mark(box, PageLabel.PICTURE, thing=True)
    agreed = []
    for seed in range(8):
        made = age(np.random.default_rng(seed), sheet)
        gray = made.image.mean(axis=-1)[40:160, 70:220]
        inside = made.labels[40:160, 70:220] == PageLabel.PICTURE
        assert inside.any()
        agreed.append(((gray < (gray[inside].mean() + gray[~inside].mean()) / 2) == inside).mean())
    assert np.median(agreed) > 0.98


def test_clouds_are_from_0_to_1() -> None:
    made = clouds(np.random.default_rng(0), (31, 47), 5)
    assert made.shape == (31, 47)
    assert made.min() >= 0
    assert made.max() <= 1
