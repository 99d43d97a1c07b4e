"""Random changes of the values of images, each sample and channel on its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from volseg.data.volumes.augment_space import plane

INVERTED = 0.25
"""Share of gamma changes that are made on the negative."""


@dataclass(frozen=True)
class Intensity:
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
        changes: tuple[tuple[float, Callable[[Tensor, np.random.Generator], Tensor]], ...] = (
            (self.noise, _noise),
            (self.blur, _blur),
            (self.brightness, _brightness),
            (self.contrast, _contrast),
            (self.low_resolution, _low_resolution),
            (self.gamma, _gamma),
        )
        outputs = inputs.clone()
        for image in outputs:
            for chance, change in changes:
                if random.random() < chance:
                    for channel in image:
                        channel.copy_(change(channel, random))
        return outputs


def _noise(values: Tensor, random: np.random.Generator) -> Tensor:
    generator = torch.Generator().manual_seed(int(random.integers(2**63)))
    deviation = float(np.sqrt(random.uniform(0.0, 0.1)))
    return values + deviation * torch.randn(values.shape, generator=generator)


def _blur(values: Tensor, random: np.random.Generator) -> Tensor:
    """Along one axis after the other, edges repeated."""
    sigma = random.uniform(0.5, 1.0)
    taps = range(-3, 4)
    weights = np.exp(-0.5 * (np.array(taps) / sigma) ** 2)
    weights /= weights.sum()
    for axis, side in enumerate(values.shape):
        index = torch.arange(side)
        values = sum(
            (
                float(weight) * values.index_select(axis, (index + tap).clamp(0, side - 1))
                for weight, tap in zip(weights, taps, strict=True)
            ),
            torch.zeros(()),
        )
    return values


def _brightness(values: Tensor, random: np.random.Generator) -> Tensor:
    return values * random.uniform(0.75, 1.25)


def _contrast(values: Tensor, random: np.random.Generator) -> Tensor:
    mean = values.mean()
    low, high = values.aminmax()
    return ((values - mean) * random.uniform(0.75, 1.25) + mean).clamp(low, high)


def _low_resolution(values: Tensor, random: np.random.Generator) -> Tensor:
    zoom = random.uniform(0.5, 1.0)
    near = plane(values.shape)
    coarse = [
        max(1, round(side * zoom)) if axis in near else side
        for axis, side in enumerate(values.shape)
    ]
    small = F.interpolate(values[None, None], coarse, mode="nearest-exact")
    return F.interpolate(small, list(values.shape), mode=_linear(values.shape))[0, 0]


def _linear(grid: Sequence[int]) -> str:
    return "bilinear" if len(grid) == 2 else "trilinear"


def _gamma(values: Tensor, random: np.random.Generator) -> Tensor:
    """``range * ((x - low) / range) ** gamma + low``, brought back to its mean and deviation."""
    if random.random() < INVERTED:
        return -_bend(-values, random)
    return _bend(values, random)


def _bend(values: Tensor, random: np.random.Generator) -> Tensor:
    low, high = values.aminmax()
    if low == high:
        return values
    bent = ((values - low) / (high - low)) ** random.uniform(0.7, 1.5)
    (was, mean), (now, middle) = torch.std_mean(values), torch.std_mean(bent)
    return (bent - middle) / now * was + mean
