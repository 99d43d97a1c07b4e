"""Kernel maps of every kind, for a GPU where there is one, else for Triton's interpreter."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
import torch

from volseg.nn import Voxels
from volseg.nn.sizes import phase
from volseg.nn.sparse.neighbours import Window
from volseg.nn.sparse.pairs import Pairs

# Read when Triton is first imported.
if not torch.cuda.is_available():
    os.environ.setdefault("TRITON_INTERPRET", "1")

MakePairs = Callable[..., Pairs]


@pytest.fixture
def device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


@pytest.fixture
def make_pairs(device: str) -> MakePairs:
    """The map of a window over random cells of a grid."""

    def make(shape: tuple[int, ...], kernel: int, stride: int = 1, occupancy: float = 0.5) -> Pairs:
        rng = torch.Generator().manual_seed(0)
        cells = (torch.rand(1, *shape, generator=rng) < occupancy).nonzero()
        cells = cells[torch.randperm(len(cells), generator=rng)].to(device)
        sites = Voxels.of(cells, torch.zeros(len(cells), 1, device=device), 1).sites
        kernels, strides, ones = ((side,) * len(shape) for side in (kernel, stride, 1))
        window = Window(kernels, strides, ones, phase(kernels, ones))
        return sites.pairs_to(sites.coarser(strides), window)

    return make
