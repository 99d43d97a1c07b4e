"""What a training step takes, whatever kind the data are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic

import torch
from torch import Tensor

from volseg.nn import Map, Voxels


@dataclass(frozen=True, eq=False)
class Batch(Generic[Map]):
    """What a training step takes.

    Attributes:
        inputs: Input of the network: `Voxels` of scans, a tensor (B, C, *grid) of volumes.
        targets: The truth, int64 (M,) or (B, *grid).
        change: Augmentation of the inputs that is left to do, on the device they are on; None
            where nothing is.
    """

    inputs: Map
    targets: Tensor
    change: Callable[[Map], Map] | None = None

    def changed(self) -> Batch[Map]:
        """The batch with nothing left to do."""
        if self.change is None:
            return self
        return replace(self, inputs=self.change(self.inputs), change=None)

    def to(self, device: torch.device) -> Batch[Map]:
        """The batch on a device; from pinned memory the copy goes on beside other work."""
        return replace(
            self,
            inputs=self.inputs.to(device, non_blocking=True),
            targets=self.targets.to(device, non_blocking=True),
        )

    def pinned(self) -> Batch[Map]:
        """The batch in memory that a GPU copies from by itself."""
        return replace(self, inputs=self.inputs.pin_memory(), targets=self.targets.pin_memory())

    def keep_for(self, stream: Any) -> None:
        """Keep the memory until a stream, other than that of the copies, is through with it."""
        for values in self._tensors():
            values.record_stream(stream)

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return sum(values.nbytes for values in self._tensors())

    def _tensors(self) -> tuple[Tensor, ...]:
        inputs: Tensor | Voxels = self.inputs
        return (*((inputs,) if isinstance(inputs, Tensor) else inputs.tensors()), self.targets)
