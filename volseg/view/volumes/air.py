"""Where in an image without labels there is something to see."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.view.volumes.planes import grey_limits

# Voxels that are looked at, and shades that they are told apart by.
SAMPLE, SHADES = 1_000_000, 256
# Of what is not air, this share may lie beyond each side: the table under a patient, noise.
BEYOND = 0.005
# Hounsfield units of air: what CT has below them fills corners that nobody measured.
AIR = -1000


def content_box(values: NDArray[Any]) -> NDArray[np.int64]:
    """The first voxel of the box around what is not air and the one after its last, (2, 3).

    Air is darker than the threshold of Otsu (1979); in an image of one shade nothing is.

    Args:
        values: (X, Y, Z), of any kind of number.
    """
    step = max(1, int(np.ceil((values.size / SAMPLE) ** (1 / 3))))
    sample = values[::step, ::step, ::step]
    sample = np.maximum(sample.astype(np.float64), AIR)
    low, high = grey_limits(sample)
    shares = (np.nan_to_num(sample, nan=low) - low) / (high - low)
    shades = (np.clip(shares, 0, 1) * (SHADES - 1)).astype(np.int64)
    bright = shades > _otsu(np.bincount(shades.reshape(-1), minlength=SHADES))
    ends = []
    for axis, side in enumerate(values.shape):
        counts = bright.sum(axis=tuple(other for other in range(3) if other != axis))
        reached = np.cumsum(counts) / max(int(counts.sum()), 1)
        first, last = np.searchsorted(reached, (BEYOND, 1 - BEYOND))
        ends.append((first * step, min((last + 1) * step, side)))
    return np.array(ends, dtype=np.int64).T if bright.any() else np.array([(0, 0, 0), values.shape])


def _otsu(counts: NDArray[np.integer[Any]]) -> int:
    """The last shade of the darker of two groups that differ most, by their numbers."""
    below = np.cumsum(counts) / counts.sum()
    mean = np.cumsum(counts * np.arange(len(counts))) / counts.sum()
    spread = below * (1 - below)
    between = (mean[-1] * below - mean) ** 2 / np.where(spread > 0, spread, np.inf)
    return int(between.argmax()) if between.any() else len(counts)
