"""The largest patch and batch that a budget of memory and time allows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch

from volseg.errors import InputError
from volseg.plan.defaults import CPU_STEP_VOXELS, LARGEST_BATCH, LEAST_BATCH, WISHED_BATCH
from volseg.plan.memory import Cost
from volseg.plan.topology import Topology, largest, smaller

# A patch starts with as many cells, nnU-Net's figures; the median image limits its sides.
LARGEST_PATCH = {2: 2048**2, 3: 256**3}
# No batch is more than this share of the dataset's voxels (Isensee et al. 2021).
DATASET_SHARE = 0.05


@dataclass(frozen=True)
class Budget:
    """What a training step may take.

    Attributes:
        memory: bytes that a step may take.
        voxels: voxels that a batch may have, for the sake of time; None for any number.
        dataset: voxels of all cases together.
        most: patches that a batch has at most, by the number of axes.
    """

    memory: int
    voxels: int | None
    dataset: int
    most: Mapping[int, int] = field(default_factory=lambda: LARGEST_BATCH)

    @classmethod
    def of(cls, memory: int, device: torch.device, dataset: int) -> Budget:
        """The budget of a device: on a CPU batches are kept small, for the sake of time."""
        return cls(memory, CPU_STEP_VOXELS if device.type == "cpu" else None, dataset)

    def hurried(self) -> Budget:
        """The budget of a run of few minutes: many steps teach more than large batches."""
        return replace(self, most=WISHED_BATCH)

    def batch(self, cells: int, cost: Cost) -> int:
        """Patches of so many cells that memory and time allow."""
        many = int((self.memory - cost.fixed) / (cost.voxel * cells))
        return many if self.voxels is None else min(many, self.voxels // cells)

    def covered(self, cells: int) -> int:
        """Patches of so many cells that are the largest share of the dataset."""
        return max(LEAST_BATCH, round(DATASET_SHARE * self.dataset / cells))


@dataclass(frozen=True)
class Fit:
    """A network and a batch of patches that fit; ``expected`` bytes."""

    topology: Topology
    batch: int
    expected: int


def fit(
    spacing: Sequence[float],
    median: Sequence[int],
    cost: Callable[[Topology], Cost],
    budget: Budget,
) -> Fit:
    """Shrink the patch until `WISHED_BATCH` of them fit, then take as many as fit.

    Args:
        spacing: spacing along the axes the network sees, two or three.
        median: cells of the median image along them.
        cost: what training a network takes.
        budget: what it may take.

    Raises:
        InputError: if not even two of the smallest patch fit.
    """
    nd = len(spacing)
    found = largest(spacing, median, LARGEST_PATCH[nd])
    while budget.batch(math.prod(found.patch), cost(found)) < WISHED_BATCH[nd]:
        shorter = smaller(spacing, found, median)
        if shorter is None:
            break
        found = shorter
    cells, price = math.prod(found.patch), cost(found)
    affordable = budget.batch(cells, price)
    if affordable < LEAST_BATCH:
        needed = price.of(LEAST_BATCH * cells)
        raise InputError(
            f"training needs {needed / 1e6:,.0f} MB for {LEAST_BATCH} patches of "
            f"{' x '.join(map(str, found.patch))}; the budget is {budget.memory / 1e6:,.0f} MB, "
            "give it more with --memory"
        )
    batch = min(affordable, budget.most[nd], budget.covered(cells))
    return Fit(found, batch, price.of(batch * cells))
