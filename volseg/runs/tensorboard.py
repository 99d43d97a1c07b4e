"""What TensorBoard shows of a run, where it is installed."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

FOLDER = "tensorboard"


class Scalars:
    """Writes loss, learning rate and scores of every epoch to ``tensorboard`` in a run folder.

    Where that fails it is said once, and training goes on.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self.folder, self.warn = folder / FOLDER, warn
        self.wanted = find_spec("tensorboard") is not None
        self._writer: SummaryWriter | None = None

    def add(self, row: dict[str, Any]) -> None:
        """Write an epoch as ``log.csv`` has it; nothing where TensorBoard is not installed."""
        try:
            if self.wanted:
                self._add(row)
        except Exception as error:  # whatever it is: hours of training are worth more
            self.wanted = False
            self.warn(f"TensorBoard gets no scalars: {str(error) or type(error).__name__}")

    def _add(self, row: dict[str, Any]) -> None:
        if self._writer is None:
            from torch.utils.tensorboard import SummaryWriter

            # A run that goes on repeats what it told after its last save.
            self._writer = SummaryWriter(str(self.folder), purge_step=row["epoch"])
        for key, value in row.items():
            if key not in ("epoch", "seconds") and not math.isnan(value):
                self._writer.add_scalar(tag(key), value, row["epoch"])
        self._writer.flush()


def tag(key: str) -> str:
    """A column of the log as TensorBoard groups it: ``iou_car`` is ``iou/car``."""
    measure, _, name = key.partition("_")
    return key if not name or key == "learning_rate" else f"{measure}/{name}"
