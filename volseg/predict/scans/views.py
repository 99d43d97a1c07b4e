"""Views of a scan: turned and mirrored, so that the mean over them is surer than one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from volseg.data.scans.samples import Scan

VIEWS = 8

STEPS = (0.8191725134, 0.6710436067, 0.5497004779)
"""Steps of a sequence that fills the unit cube evenly: powers of 1/g, where g^4 = g + 1 (Roberts,
"The unreasonable effectiveness of quasirandom sequences", 2018)."""


def turns() -> list[NDArray[np.float64]]:
    """Matrices (3, 3) whose transposes turn a scan to its views: rows times one turn back."""
    made = []
    for number in range(VIEWS):
        angle = 2 * np.pi * number / VIEWS
        cos, sin, hand = np.cos(angle), np.sin(angle), (-1) ** number
        made.append(np.array([[hand * cos, -sin, 0], [hand * sin, cos, 0], [0, 0, 1.0]]))
    return made


def views(scan: Scan, cell: float) -> Iterator[Scan]:
    """A scan turned about the vertical by every eighth of a turn, every other one mirrored.

    Each is shifted by another part of a ``cell`` in metres, the network's coarsest: what a boundary
    of one view's grid cuts in two, others see whole. The axis is that of the coordinates, so that a
    part of a scan is turned and shifted as the whole is.
    """
    x, y, z = scan.metres.T
    for number in range(VIEWS):
        angle = 2 * np.pi * number / VIEWS
        cos, sin, hand = np.cos(angle), np.sin(angle), (-1) ** number
        turned = np.stack((hand * cos * x - sin * y, hand * sin * x + cos * y, z), axis=1)
        yield replace(scan, metres=turned + cell * (number * np.array(STEPS) % 1.0))
