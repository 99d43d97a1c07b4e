"""How the intensities of a channel are brought to a common scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError

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
    import torch  # numpy would need a second array of that size

    if values.size:
        std, mean = torch.std_mean(torch.from_numpy(values), correction=0)
        values -= mean.numpy()
        values /= std.numpy() or np.float32(1)
    return values
