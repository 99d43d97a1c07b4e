"""A legend that says how much of a prediction each class is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.colours import rgb
from volseg.geometry.labels import LabelMap
from volseg.view.legend import Entry, Legend

MOST_EMPTY = 20
"""Classes up to which those with no point or voxel are named, too."""


def share_legend(labels: LabelMap, counts: NDArray[np.int64], total: int, first: int = 0) -> Legend:
    """Classes, their colours, and their shares.

    Args:
        labels: K classes.
        counts: int64 (K,), points or voxels of each.
        total: all points or voxels.
        first: class to begin with, `LabelMap.first` where one is background.
    """
    entries = tuple(
        Entry(f"{one.name}  {_percent(int(count), total)}", rgb(one.colour))
        for one, count in list(zip(labels.classes, counts, strict=True))[first:]
        if count or len(labels) <= MOST_EMPTY
    )
    return Legend("class" if counts[first:].any() else "nothing but background", entries)


def _percent(count: int, total: int) -> str:
    if not 0 < count < total:
        return "100 %" if count else "none"
    share = 100 * count / total
    return "<0.1 %" if share < 0.05 else f"{min(share, 99.9):.1f} %"
