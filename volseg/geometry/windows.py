"""Overlapping windows over a grid, and the weights that blend what is seen through them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError


def starts(size: int, patch: int, overlap: float = 0.5) -> list[int]:
    """First cells of the fewest evenly spaced windows that cover one axis.

    As nnU-Net (Isensee et al. 2021) places them: neighbours overlap by ``overlap`` at least,
    the first starts at 0, the last ends at ``size``, and the step between is spread evenly and
    rounded.

    Args:
        size: cells along the axis.
        patch: cells of a window; one window at 0 does where it is not smaller than ``size``.
        overlap: share of a window that its neighbour sees too, at least 0 and below 1.

    Returns:
        First cells, rising.

    Raises:
        InputError: if a size is below 1 or the overlap is outside [0, 1).
    """
    if size < 1 or patch < 1 or not 0 <= overlap < 1:
        raise InputError(
            f"windows of {patch} over {size} cells with overlap {overlap}; "
            "wanted sizes of 1 or more and an overlap of at least 0 and below 1"
        )
    last = size - patch
    if last <= 0:
        return [0]
    steps = math.ceil(last / max(1.0, patch * (1 - overlap)))
    return [round(last * number / steps) for number in range(steps + 1)]


def gaussian(patch: Sequence[int]) -> NDArray[np.float32]:
    """Weights of a window's cells: a Gaussian bell on its middle.

    The standard deviation is an eighth of each side, as in nnU-Net (Isensee et al. 2021).

    Args:
        patch: sides of the window, any number of axes.

    Returns:
        float32 (*patch): symmetric, above 0 everywhere, 1 at most and in the middle.
    """
    weights = np.ones(())
    for side in patch:
        offset = np.abs(np.arange(side) - (side - 1) / 2)
        bell = np.exp(-0.5 * (offset / (side / 8)) ** 2)
        weights = np.multiply.outer(weights, bell / bell.max())
    return weights.astype(np.float32)
