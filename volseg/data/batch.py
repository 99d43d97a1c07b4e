"""What a training step takes, whatever kind the data are."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from volseg.nn import Voxels


@dataclass(frozen=True, eq=False)
class Batch:
    """What a training step takes: the network's input and the truth, int64 (M,)."""

    inputs: Voxels | Tensor
    targets: Tensor
