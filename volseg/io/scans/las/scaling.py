"""Steps of LAS coordinates: 32-bit integers that give back the very same numbers, if any do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

LARGEST = 2.0**31 - 2
FINEST = 1e-9
# Offsets are tried down to multiples of this power of ten, which most files have theirs at.
ROUNDEST = 8
# Points that rule out most steps before all are tried.
SAMPLE = 1000


def choose_steps(values: NDArray[np.float64], usual: float) -> tuple[float, float]:
    """Scale and offset of one axis.

    Steps about ``usual``, powers of ten, and the finest power of two (which holds what once was
    float32) are tried with round offsets: the first that keep every value to the last bit are
    taken, else the first that keep them to the last bit of the largest. Where none do, it is the
    finest power of ten whose integers reach.

    Args:
        values: coordinates, float64 (N,).
        usual: the step where nothing speaks for another; a power of ten.
    """
    if len(values) == 0:
        return usual, 0.0
    lowest, highest = float(values.min()), float(values.max())
    # Integers of both signs reach twice as far as those from the lowest value.
    reach = max((highest - lowest) / 2 / LARGEST, FINEST)
    rounded = [10.0**k * float(np.floor(lowest / 10.0**k)) for k in range(ROUNDEST)]
    for slack in (0.0, float(np.spacing(max(abs(lowest), abs(highest))))):
        for scale, offset in product(_steps(usual, reach), (*rounded, 0.0, lowest)):
            farthest = max(highest - offset, offset - lowest)
            if farthest / scale <= LARGEST and _kept(values, scale, offset, slack):
                return scale, offset
    middle = float(np.rint(lowest + (highest - lowest) / 2))
    farthest = max(highest - middle, middle - lowest)
    digits = math.floor(-math.log10(max(farthest / LARGEST, FINEST)) + 1e-9)
    return float(f"1e{-digits}"), middle


def _steps(usual: float, reach: float) -> Iterator[float]:
    """Scales to try that reach, likeliest first."""
    digits = round(-np.log10(usual))
    finer = range(digits + 1, int(-np.log10(reach)) + 1)
    for exponent in (digits, digits - 1, digits - 2, *finer):
        # 10.0**-3 is not 0.001.
        yield float(f"1e{-exponent}")
    finest = 2.0 ** float(np.ceil(np.log2(reach)))
    yield from (finest, 2 * finest)


def _kept(values: NDArray[np.float64], scale: float, offset: float, slack: float) -> bool:
    """Whether all values come back as near as ``slack``, a few being asked first."""
    return all(
        bool((np.abs(np.rint((some - offset) / scale) * scale + offset - some) <= slack).all())
        for some in (values[:SAMPLE], values)
    )
