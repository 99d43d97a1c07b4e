"""Voxels: a batched sparse feature map."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar, final

import torch
from torch import Tensor

from volseg.errors import InputError
from volseg.nn.sparse.sites import Sites


@final
@dataclass(frozen=True, eq=False)
class Voxels:
    """Features at the occupied cells of a batch of grids; immutable.

    Build with `Voxels.of`. Rows keep the caller's order; rows sorted by batch, then by the
    coordinates in turn, are quickest. Maps that share ``sites`` share everything built on them.

    Attributes:
        sites: the cells, and the kernel maps built on them so far.
        features: (M, C), one row a cell.
    """

    sites: Sites
    features: Tensor

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or len(self.features) != len(self.sites):
            raise InputError(
                f"voxel features have shape {tuple(self.features.shape)}, "
                f"wanted ({len(self.sites)}, C): one row a coordinate"
            )
        if self.features.device != self.sites.coords.device:
            raise InputError(
                f"voxel features are on {self.features.device} and coordinates on "
                f"{self.sites.coords.device}; wanted one device"
            )

    @classmethod
    def of(cls, coords: Tensor, features: Tensor, batch_size: int | None = None) -> Voxels:
        """A sparse feature map from its coordinates and features.

        Args:
            coords: int64 (M, 1 + nd), nd 1 to 3, batch index first; unique rows in any order.
            features: (M, C), on the same device; row i belongs to coordinate i, here and in
                the output of every primitive that keeps the cells.
            batch_size: number of grids, for batches whose last grids are empty; None for the
                largest batch index plus one.

        Raises:
            InputError: on other shapes or dtypes, a coordinate that stands twice, a batch index
                outside the batch, or a span of more cells than a 64-bit key can name.
        """
        nd = coords.shape[1] - 1 if coords.ndim == 2 else 0
        return cls(Sites.of(coords, batch_size, (1,) * nd), features)

    @property
    def coords(self) -> Tensor:
        """Cell indices at our stride, int64 (M, 1 + nd), batch index first."""
        return self.sites.coords

    @property
    def stride(self) -> tuple[int, ...]:
        """Cells of the finest grid along each axis of one of ours."""
        return self.sites.stride

    @property
    def batch_size(self) -> int:
        """Number of grids in the batch."""
        return self.sites.batch_size

    @property
    def nd(self) -> int:
        """Number of spatial axes."""
        return self.sites.nd

    def __len__(self) -> int:
        return len(self.sites)

    def with_features(self, features: Tensor) -> Voxels:
        """Other features, (M, C), at the same cells."""
        return Voxels(self.sites, features)

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Voxels:
        """The same map on another device, with all that is built on its cells."""
        if self.features.device == torch.device(device):
            return self
        return self._mapped(lambda values: values.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> Voxels:
        """The same map in memory that a GPU copies from by itself."""
        return self._mapped(Tensor.pin_memory)

    def tensors(self) -> Iterator[Tensor]:
        """All arrays of the map and of what is built on its cells."""
        yield self.features
        yield from self.sites.tensors()

    def _mapped(self, change: Callable[[Tensor], Tensor]) -> Voxels:
        return Voxels(self.sites.mapped(change), change(self.features))

    def dense(self, shape: Sequence[int]) -> Tensor:
        """The map as a tensor (B, C, *shape), zero where no cell is; differentiable.

        Raises:
            InputError: if a cell lies outside ``shape``.
        """
        lower, upper = self.sites.lower[1:], self.sites.upper[1:]
        if (
            len(shape) != self.nd
            or min(lower) < 0
            or any(high >= side for high, side in zip(upper, shape, strict=True) if len(self))
        ):
            raise InputError(
                f"voxels from {lower} to {upper} do not fit a grid of shape {tuple(shape)}"
            )
        out = self.features.new_zeros(self.batch_size, *shape, self.features.shape[1])
        return out.index_put(tuple(self.coords.t()), self.features).movedim(-1, 1)


Map = TypeVar("Map", Tensor, Voxels)
"""A dense tensor (B, C, *grid) or sparse voxels: what every primitive takes and returns."""
