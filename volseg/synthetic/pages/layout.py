"""How a page is divided."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.pages.blocks import (
    column_edges,
    print_advert,
    print_article,
    print_headline,
    print_picture,
    print_table,
)
from volseg.synthetic.pages.founts import Fount
from volseg.synthetic.pages.sheet import Box, PageSheet, Typography, draw_style

WIDTHS, HEIGHTS = (416, 545), (512, 705)
BLOCKS = (None, print_picture, print_table, print_advert)
SHARES = (0.45, 0.25, 0.13, 0.17)
"""How likely each block is; none means an article."""


def draw_sheet(rng: np.random.Generator, known: tuple[Fount, ...]) -> PageSheet:
    """Print a page: its name on top, maybe, and below columns that are divided up and down."""
    sheet = PageSheet(rng, int(rng.integers(*WIDTHS)), int(rng.integers(*HEIGHTS)))
    style = draw_style(rng, known)
    width, height = sheet.ink.size
    margin = int(rng.integers(14, 40))
    box = Box(margin, margin, width - margin, height - margin)
    if rng.random() < 0.5:
        top = print_headline(sheet, box, style, rng.uniform(3, 5))
        box = box._replace(top=_cross(sheet, box, top, style, chance=0.8))
    columns = int(np.clip(box.width // (style.size * rng.uniform(9, 16)), 1, 6))
    _divide(sheet, box, style, columns, rng.random(2) < 0.6)
    return sheet


def _divide(sheet: PageSheet, box: Box, style: Typography, columns: int, ruled: np.ndarray) -> None:
    """Halve a part side by side or up and down until it is one article or the like."""
    rng, least = sheet.rng, 9 * style.pitch
    beside, below = columns > 1, box.height > 2 * least
    if beside and rng.random() < (0.75 if not below else 0.45):
        edges = column_edges(box, columns, style.gap)
        cut = int(rng.integers(1, columns))
        _divide(sheet, box._replace(right=edges[cut - 1][1]), style, cut, ruled)
        if ruled[0]:
            middle = edges[cut][0] - style.gap // 2
            sheet.rule(Box(middle, box.top, middle + 1, box.bottom))
        _divide(sheet, box._replace(left=edges[cut][0]), style, columns - cut, ruled)
    elif below and rng.random() < 0.85:
        cut = int(rng.integers(box.top + least, box.bottom - least + 1))
        _divide(sheet, box._replace(bottom=cut), style, columns, ruled)
        top = _cross(sheet, box, cut + style.gap // 2, style, chance=0.8 * ruled[1])
        _divide(sheet, box._replace(top=top), style, columns, ruled)
    else:
        _print(sheet, box, style, columns, bool(ruled[0]))


def _cross(sheet: PageSheet, box: Box, top: int, style: Typography, chance: float) -> int:
    """Maybe print a line from side to side; return where what follows begins."""
    if sheet.rng.random() > chance:
        return top
    thick = int(sheet.rng.integers(1, 4))
    inset = int(box.width * sheet.rng.choice([0, 0, 0.3]))
    sheet.rule(Box(box.left + inset, top, box.right - inset, top + thick))
    return top + thick + style.gap // 2 + 1


def _print(sheet: PageSheet, box: Box, style: Typography, columns: int, ruled: bool) -> None:
    block = BLOCKS[int(sheet.rng.choice(len(BLOCKS), p=SHARES))]
    if block is None or box.height < 5 * style.pitch or box.width < 40:
        print_article(sheet, box, style, columns, ruled)
        return
    height = min(box.height, int(box.width * sheet.rng.uniform(0.6, 1.6)))
    below = box._replace(top=box.top + height + style.gap)
    if below.height < 3 * style.pitch:
        block(sheet, box, style)
    else:
        block(sheet, box._replace(bottom=box.top + height), style)
        print_article(sheet, below, style, columns, ruled)
