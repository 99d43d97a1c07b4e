"""Random changes of the values of images, each sample and channel on its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from volseg.data.volumes.augment_space import plane

NEGATIVE = 0.25
"""Share of gamma changes that are made on the negative."""

RADIUS = 3
"""Voxels to each side that blurring sums: three deviations of the widest Gaussian."""


@dataclass(frozen=True)
class IntensityAugmentation:
    """Chances, for each sample of a batch, of the changes of its values.

    Kinds, ranges and order are those of nnU-Net (Isensee et al., Nature Methods 2021), for
    values of mean 0 and deviation 1. Every channel of a changed sample has its own strength.

    Attributes:
        noise: of Gaussian noise of a variance up to 0.1.
        blur: of smoothing by a Gaussian of 0.5 to 1 voxel.
        brightness: of values multiplied by 0.75 to 1.25.
        contrast: of distances from the mean multiplied so, within the range there was.
        low_resolution: of being sampled 1 to 2 times coarser and back.
        gamma: of the range being bent by an exponent of 0.7 to 1.5, mean and deviation kept.
    """

    noise: float = 0.0
    blur: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    low_resolution: float = 0.0
    gamma: float = 0.0

    def __call__(self, inputs: Tensor, random: np.random.Generator) -> Tensor:
        """A changed copy of a batch, float32 (B, C, *grid)."""
        draw = random.uniform
        changes: tuple[tuple[float, Callable[[Tensor], Tensor]], ...] = (
            (self.noise, lambda x: add_noise(x, draw(0.0, 0.1), random)),
            (self.blur, lambda x: blur(x, draw(0.5, 1.0))),
            (self.brightness, lambda x: x * draw(0.75, 1.25)),
            (self.contrast, lambda x: stretch(x, draw(0.75, 1.25))),
            (self.low_resolution, lambda x: coarsen(x, draw(0.5, 1.0))),
            (self.gamma, lambda x: bend(x, draw(0.7, 1.5), negative=random.random() < NEGATIVE)),
        )
        outputs = inputs.clone()
        for image in outputs:
            for chance, change in changes:
                if random.random() < chance:
                    for channel in image:
                        channel.copy_(change(channel))
        return outputs


def add_noise(values: Tensor, variance: float, random: np.random.Generator) -> Tensor:
    """Gaussian noise on an image (*grid), independent in each voxel."""
    generator = torch.Generator(values.device).manual_seed(int(random.integers(2**63)))
    noise = torch.randn(values.shape, generator=generator, device=values.device)
    return values + math.sqrt(variance) * noise


def blur(values: Tensor, sigma: float) -> Tensor:
    """An image (*grid) smoothed by a Gaussian of ``sigma`` voxels up to 1; edges are repeated."""
    taps = range(-RADIUS, RADIUS + 1)
    weights = torch.tensor([-0.5 * (tap / sigma) ** 2 for tap in taps]).softmax(0).tolist()
    for axis, side in enumerate(values.shape):
        index = torch.arange(side, device=values.device)
        total = torch.zeros_like(values)
        for tap, weight in zip(taps, weights, strict=True):
            moved = values.index_select(axis, (index + tap).clamp(0, side - 1))
            total.add_(moved, alpha=weight)
        values = total
    return values


def stretch(values: Tensor, factor: float) -> Tensor:
    """Distances from the mean of an image multiplied, within the range it had."""
    _, mean = _std_mean(values)
    low, high = values.aminmax()
    return ((values - mean) * factor + mean).clamp(low, high)


def coarsen(values: Tensor, zoom: float) -> Tensor:
    """An image (*grid) of ``zoom`` times the resolution, interpolated back to its grid.

    An axis far shorter than the others, along which voxels are thick already, stays as it is.
    """
    axes = plane(values.shape)
    small = [
        max(1, round(side * zoom)) if axis in axes else side
        for axis, side in enumerate(values.shape)
    ]
    linear = "bilinear" if values.ndim == 2 else "trilinear"
    coarse = F.interpolate(values[None, None], small, mode="nearest-exact")
    return F.interpolate(coarse, list(values.shape), mode=linear)[0, 0]


def bend(values: Tensor, exponent: float, *, negative: bool = False) -> Tensor:
    """The range of an image bent by ``t ** exponent``, its mean and deviation kept.

    Args:
        values: (*grid).
        exponent: above 1 widens the bright end, below 1 the dark one.
        negative: the other way round: bend the negative of the image.
    """
    low, high = values.aminmax()
    sign = -1.0 if negative else 1.0
    share = (high - values if negative else values - low) / (high - low)
    bent = sign * share**exponent
    (was, mean), (now, middle) = _std_mean(values), _std_mean(bent)
    return torch.where(low == high, values, (bent - middle) * (was / now) + mean)


def _std_mean(values: Tensor) -> tuple[Tensor, Tensor]:
    """Deviation and mean, scalars; on a CPU the same for any number of threads."""
    if values.device.type != "cpu":
        return torch.std_mean(values)
    array = values.numpy()
    std = array.std(dtype=np.float64, ddof=min(1, array.size - 1))
    return torch.tensor(std).float(), torch.tensor(array.mean(dtype=np.float64)).float()
