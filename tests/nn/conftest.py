"""Random maps that are the same thing twice: voxels, and a tensor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from volseg.nn import Voxels

MakeVoxels = Callable[..., Voxels]


@pytest.fixture
def make_voxels() -> MakeVoxels:
    """Voxels of random cells of a batch of grids, float64, rows shuffled on demand."""

    def make(
        shape: tuple[int, ...],
        channels: int = 3,
        occupancy: float = 0.4,
        batch: int = 2,
        seed: int = 0,
        shuffled: bool = False,
    ) -> Voxels:
        rng = torch.Generator().manual_seed(seed)
        coords = (torch.rand(batch, *shape, generator=rng) < occupancy).nonzero()
        if shuffled:
            coords = coords[torch.randperm(len(coords), generator=rng)]
        features = torch.randn(len(coords), channels, dtype=torch.float64, generator=rng)
        return Voxels.of(coords, features.requires_grad_(), batch)

    return make


@pytest.fixture
def at() -> Callable[[Tensor, Voxels], Tensor]:
    """Values of a tensor (B, C, *grid) at the cells of voxels, (M, C)."""

    def read(values: Tensor, voxels: Voxels) -> Tensor:
        return values.movedim(1, -1)[tuple(voxels.coords.t())]

    return read
