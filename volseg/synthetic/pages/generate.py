"""From a seed to a page of an invented newspaper."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from volseg.errors import InputError
from volseg.synthetic.pages.founts import founts
from volseg.synthetic.pages.layout import draw_sheet
from volseg.synthetic.pages.wear import age
from volseg.synthetic.pictures import LabelledPicture


def generate_page(seed: int, *, folder: Path | None = None) -> LabelledPicture:
    """Print, age and scan a page of a newspaper that nobody wrote.

    On one machine the same arguments give the same pixels.

    Args:
        seed: non-negative; another seed, another page.
        folder: one with the founts to take, TrueType or OpenType; those that come with matplotlib
            and Pillow if not given.

    Returns:
        A page about 480 x 600 pixels; labels are those of `sheet.PageLabel`; pictures, tables
        and adverts are objects.

    Raises:
        InputError: if the seed is negative, or the folder has no fount.
    """
    if seed < 0:
        raise InputError(f"seed is {seed}, wanted a whole number of 0 or more")
    rng = np.random.default_rng(seed)
    return age(rng, draw_sheet(rng, founts(folder)))
