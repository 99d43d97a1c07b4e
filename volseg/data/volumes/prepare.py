"""From a volume as its file has it to what the network sees: one orientation, spacing, scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.resample import kinds_for, resample, resample_labels, resampled_grid
from volseg.geometry.volume import Volume

Normalize = Literal["zscore", "nonzero", "ct", "none"]


@dataclass(frozen=True)
class Channel:
    """How the intensities of one channel are brought to a common scale.

    Attributes:
        normalize: ``zscore``: to mean 0 and deviation 1 of the image. ``nonzero``: the same over
            the voxels that are not 0, which stay 0. ``ct``: clipped, then shifted and divided by
            numbers that are the same for every image. ``none``: as they are.
        clip: lowest and highest intensity kept; with ``ct`` only.
        mean: what becomes 0; with ``ct`` only.
        std: what becomes 1, above 0; with ``ct`` only.

    Raises:
        InputError: if ``clip``, ``mean`` and ``std`` do not go with ``normalize``.
    """

    normalize: Normalize = "zscore"
    clip: tuple[float, float] | None = None
    mean: float | None = None
    std: float | None = None

    def __post_init__(self) -> None:
        given = [one is not None for one in (self.clip, self.mean, self.std)]
        if any(given) != all(given) or all(given) != (self.normalize == "ct"):
            raise InputError("clip, mean and std go with normalize: ct, all three, and no other")
        if self.clip is not None and not self.clip[0] < self.clip[1]:
            raise InputError(f"clip: found {list(self.clip)}; wanted the lower number first")
        if self.std is not None and not self.std > 0:
            raise InputError(f"std: found {self.std}; wanted a number above 0")

    def apply(self, values: NDArray[np.float32]) -> None:
        """Normalise one channel (X, Y, Z) in place."""
        if self.clip is not None:
            np.clip(values, *self.clip, out=values)
            values -= np.float32(self.mean)
            values /= np.float32(self.std)
        elif self.normalize == "zscore":
            _standardize(values)
        elif self.normalize == "nonzero":
            inside = values != 0
            values[inside] = _standardize(values[inside])


def _standardize(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring values to mean 0 and deviation 1, in place; to 0 where all are equal."""
    if values.size:
        std, mean = torch.std_mean(torch.from_numpy(values), correction=0)
        values -= mean.numpy()
        values /= std.numpy() or np.float32(1)
    return values


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
        InputError: if the number of channels is another, or a voxel is NaN or infinite.
    """
    if len(volume.array) != len(channels):
        raise InputError(f"the image has {len(volume.array)} channels; wanted {len(channels)}")
    upright = volume.canonical()
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused
        array = np.array(upright.array, dtype=np.float32, order="C")
    for number, (channel, values) in enumerate(zip(channels, array, strict=True)):
        _check_finite(number, values)
        channel.apply(values)
    grid = resampled_grid(upright.grid, upright.spacing.tolist(), spacing)
    kinds = kinds_for(upright.spacing.tolist(), spacing, image=True)
    return resample(torch.from_numpy(array), grid, kinds).numpy()


def _check_finite(number: int, values: NDArray[np.float32]) -> None:
    if not np.isfinite(values.sum(dtype=np.float64)):
        bad = values.size - int(np.isfinite(values).sum())
        raise InputError(
            f"channel {number} has {bad:,} voxels that are NaN or infinite; "
            "replace them, as `volseg check --fix` does"
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
