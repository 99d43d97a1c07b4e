"""The pictures in a run folder: drawn after epochs, as often as they cost next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from PIL import Image
from torch import nn

from volseg.geometry.labels import LabelMap
from volseg.train.loop import TrainState
from volseg.view.charts.curves import draw_curves
from volseg.view.pictures.picture import save

CURVES, SAMPLES = "curves.png", "samples.png"
SHARE = 0.01
"""Most of a run's time that its pictures may take, but for the first and the last."""

Draw = Callable[[nn.Module], Image.Image]
"""Draws scenes as a network segments them."""


@dataclass(eq=False)
class RunPictures:
    """Draws the curves of a run and samples of its validation.

    A picture that cannot be drawn is said once, and training goes on.

    Attributes:
        folder: Folder of the run.
        labels: Classes and their colours.
        net: Network in training.
        samples: Draws what validates it; None where nothing does.
        warn: Called with a line for each picture that could not be drawn.
    """

    folder: Path
    labels: LabelMap
    net: nn.Module
    samples: Draw | None
    warn: Callable[[str], None]
    spent: float = 0.0
    drawn: int = 0
    failed: set[str] = field(default_factory=set)

    def update(self, state: TrainState) -> None:
        """Draw after an epoch, unless that would slow the run down."""
        if self.spent <= SHARE * state.seconds:
            self.finish(state)

    def finish(self, state: TrainState) -> None:
        """Draw what was told since the last time."""
        if self.drawn == len(state.history):
            return
        started, self.drawn = monotonic(), len(state.history)
        self._draw(CURVES, lambda _: draw_curves(state.history, self.labels))
        if self.samples is not None:
            self._draw(SAMPLES, self.samples)
        self.spent += monotonic() - started

    def _draw(self, name: str, draw: Draw) -> None:
        try:
            save(draw(self.net), self.folder / name, overwrite=True)
        except Exception as error:  # whatever it is: hours of training are worth more
            if name not in self.failed:
                self.failed.add(name)
                self.warn(f"{name} cannot be drawn: {str(error) or type(error).__name__}")
