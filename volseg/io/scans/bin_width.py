"""How many floats a point of a ``.bin`` file has: drivers of sensors write four, five or more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError

USUAL = 4
WIDTHS = (3, USUAL, 5, 6, 7, 8)
# nuScenes calls its sweeps so: x, y, z, intensity, and the ring of the laser.
NUSCENES, NUSCENES_WIDTH = ".pcd.bin", 5
# Floats below which values tell nothing, and how much more of their variance than KITTI's four
# columns others have to explain.
FEWEST, SURPLUS, CLEAR = 300, 1.2, 0.1
# Floats looked at, a multiple of all widths.
SAMPLE = 840_000


def width_of(path: Path, floats: NDArray[np.float32], labels: int | None) -> tuple[int, bool]:
    """Floats a point, and whether that had to be guessed from the values.

    The name tells, else the number of labels, else the values: floats of one meaning are more
    alike than floats of several, so that the right width parts them best into columns.

    Args:
        path: the file.
        floats: all of it.
        labels: points that have a label, where there is a file of those.

    Raises:
        InputError: if the file holds no whole number of points.
    """
    if path.name.lower().endswith(NUSCENES) and len(floats) % NUSCENES_WIDTH == 0:
        return NUSCENES_WIDTH, False
    fitting = [width for width in WIDTHS if len(floats) % width == 0]
    if labels and len(floats) in {labels * width for width in fitting}:
        return len(floats) // labels, False
    is_long = len(floats) >= FEWEST
    parted = {width: _parted(floats[:SAMPLE], width) for width in fitting} if is_long else {}
    best = max(parted, key=lambda width: (round(parted[width], 2), -width), default=USUAL)
    if parted and parted[best] > SURPLUS * parted.get(USUAL, 0.0) + CLEAR:
        return best, best != USUAL
    if USUAL not in fitting:
        raise InputError(
            f"holds {4 * len(floats):,} bytes, no multiple of 16; it is no KITTI scan, or cut off"
        )
    return USUAL, False


def _parted(floats: NDArray[np.float32], width: int) -> float:
    """The share of the variance of values, and of their sizes, that columns explain."""
    values = floats.astype(np.float64)
    values = np.where(np.isfinite(values), values, 0)
    shares = []
    for view in (np.arcsinh(values), np.log1p(np.abs(values)), (values == np.rint(values)) * 1.0):
        total = view.var()
        means = view.reshape(-1, width).mean(axis=0)
        shares.append(means.var() / total if total > 0 else 0.0)
    return float(max(shares))
