"""A blank sheet and a style to print on it."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.pages.founts import founts
from volseg.synthetic.pages.sheet import PageSheet, Typography


def blank() -> tuple[PageSheet, Typography]:
    fount = founts()[0]
    style = Typography(fount, fount, 10, 13, fount.letters("Latin"), 10)
    return PageSheet(np.random.default_rng(1), 300, 200), style


def ink(sheet: PageSheet) -> np.ndarray:
    """Where something dark was printed."""
    return np.asarray(sheet.ink) < 128
