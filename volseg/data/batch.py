"""What a training step takes, whatever kind the data are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from torch import Tensor

from volseg.nn import Map


@dataclass(frozen=True, eq=False)
class Batch(Generic[Map]):
    """What a training step takes.

    Attributes:
        inputs: Input of the network: `Voxels` of scans, a tensor (B, C, *grid) of volumes.
        targets: The truth, int64 (M,) or (B, *grid).
    """

    inputs: Map
    targets: Tensor
