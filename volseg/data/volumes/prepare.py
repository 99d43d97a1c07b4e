"""From a volume as its file has it to what the network sees: one orientation, spacing, scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from volseg.data.volumes.channel import Channel
from volseg.errors import InputError
from volseg.geometry.resample import kinds_for, resample, resample_labels, resampled_grid
from volseg.geometry.volume import Volume, times

GROWTH = 500.0
"""Times as many, or as few, voxels as a file has that resampling may make: more is a unit."""


def prepare_image(
    volume: Volume, spacing: Sequence[float], channels: Sequence[Channel]
) -> NDArray[np.float32]:
    """An image as the network sees it: axes right, anterior, superior, normalised, resampled.

    Args:
        volume: (C, X, Y, Z), on any grid.
        spacing: millimetres between voxels wanted, along the axes of the result.
        channels: how each of the C channels is normalised.

    Returns:
        float32 (C, *grid).

    Raises:
        InputError: if the number of channels is another, a voxel is NaN or infinite, or the
            spacing is so far off that it must be in another unit.
    """
    if len(volume.array) != len(channels):
        raise InputError(f"the image has {len(volume.array)} channels; wanted {len(channels)}")
    upright = volume.canonical()
    grid = resampled_grid(upright.grid, upright.spacing.tolist(), spacing)
    _check_growth(upright, grid, spacing)
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused
        array = np.array(upright.array, dtype=np.float32, order="C")
    for number, (channel, values) in enumerate(zip(channels, array, strict=True)):
        _check_finite(number, values)
        channel.apply(values)
    kinds = kinds_for(upright.spacing.tolist(), spacing, image=True)
    return resample(torch.from_numpy(array), grid, kinds).numpy()


def _check_growth(upright: Volume, grid: tuple[int, ...], spacing: Sequence[float]) -> None:
    ratio = math.prod(grid) / math.prod(upright.grid)
    if not 1 / GROWTH < ratio < GROWTH:
        raise InputError(
            f"its spacing is {times(upright.spacing)} mm, wanted {times(spacing)}, which makes "
            f"{ratio:.3g} times as many voxels; correct its header (NIfTI counts in mm, unless "
            "xyzt_units says otherwise), or the config's spacing"
        )


def _check_finite(number: int, values: NDArray[np.float32]) -> None:
    if not np.isfinite(values.sum(dtype=np.float64)):
        bad = values.size - int(np.isfinite(values).sum())
        raise InputError(
            f"channel {number} has {bad:,} voxels that are NaN or infinite; "
            "replace them, as `volseg check DATASET --fix OUT` does"
        )


def prepare_labels(
    labels: NDArray[Any], affine: NDArray[np.float64], spacing: Sequence[float]
) -> NDArray[Any]:
    """Labels on the grid that `prepare_image` makes of an image of the same grid.

    Args:
        labels: ids (X, Y, Z), or one flag a region (K, X, Y, Z); integers. `IGNORE` is an id as
            any other.
        affine: float64 (4, 4), from voxels to world millimetres.
        spacing: millimetres between voxels wanted, along the axes of the result.

    Returns:
        (*grid) or (K, *grid), same dtype; no id that was not there.
    """
    single = labels.ndim == 3
    upright = Volume(labels[None] if single else labels, affine).canonical()
    grid = resampled_grid(upright.grid, upright.spacing.tolist(), spacing)
    kinds = kinds_for(upright.spacing.tolist(), spacing, image=False)
    out = np.empty((len(upright.array), *grid), labels.dtype)
    for channel, flags in zip(out, upright.array, strict=True):
        channel[...] = resample_labels(flags, grid, kinds)
    return out[0] if single else out
