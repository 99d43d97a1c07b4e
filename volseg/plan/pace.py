"""The largest network that learns enough in the minutes at hand.

What counts is how much of the cases a run sees: steps, times the share of a case that a patch
covers. A network that sees too little learns next to nothing, however large it is; of those that
see enough the larger is the better (docs/benchmarks.md, "Networks for the minutes at hand").
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from volseg.config import VolumeConfig
from volseg.geometry.volume import times
from volseg.plan.ladder import ENOUGH, Rung

FEW = 0.5
"""Share of `ENOUGH` below which a config is called too large for its minutes."""
SHARE = 0.9
"""Share of a run's time that its steps take; validation takes the rest."""
EPOCHS = 10
"""Times that a planned run is validated."""

Seconds = Callable[[VolumeConfig], float]
"""Seconds a step of training with a config takes."""


@dataclass(frozen=True)
class Pace:
    """How far training with a config comes in some minutes.

    Attributes:
        minutes: Length of the run.
        seconds: Seconds a step takes.
        covered: Share of the median case that a patch covers, along the axes it sees.
        enough: Steps on patches as large as a case that the network needs.
    """

    minutes: float
    seconds: float
    covered: float
    enough: int = ENOUGH

    @property
    def steps(self) -> int:
        """Number of steps that the minutes hold, one at least."""
        return max(1, int(SHARE * 60 * self.minutes / self.seconds))

    @property
    def views(self) -> float:
        """Number of steps on patches as large as a case that would see as much."""
        return self.steps * self.covered

    @property
    def share(self) -> float:
        """What there is of the steps that the network needs; 1 or more is enough."""
        return self.views / self.enough

    @property
    def epochs(self) -> tuple[int, int]:
        """Number of epochs, and of steps in each, so that a run is validated often enough."""
        many = min(EPOCHS, self.steps)
        return many, math.ceil(self.steps / many)


def largest_in_time(
    ladders: Sequence[Sequence[Rung]], minutes: float, seconds: Seconds
) -> tuple[Rung, Pace]:
    """The last rung of the last ladder that sees enough; of none that does, what comes nearest.

    More minutes never give an earlier one.

    Args:
        ladders: Ladders, the better last; in each the smaller networks first. None that follows
            one that sees too little is timed.
        minutes: Length of the run.
        seconds: Times a step.
    """
    enough: list[tuple[Rung, Pace]] = []
    short: list[tuple[Rung, Pace]] = []
    for ladder in ladders:
        for rung in ladder:
            timed = Pace(minutes, seconds(rung.config), rung.covered, rung.enough)
            (enough if timed.share >= 1 else short).append((rung, timed))
            if timed.share < 1:
                break
    return enough[-1] if enough else max(short, key=lambda entry: entry[1].share)


def with_pace(config: VolumeConfig, timed: Pace) -> VolumeConfig:
    """The config with epochs that the minutes hold, so that its schedule is as long."""
    epochs, steps = timed.epochs
    train = config.train.model_copy(update={"epochs": epochs, "steps": steps})
    return config.model_copy(update={"train": train})


def shape(config: VolumeConfig) -> str:
    """What takes time in a config, in words: ``2-D, widths 8 to 128, 4 patches of 224 x 256``."""
    sides = [config.images.patch[axis] for axis in config.images.axes]
    widths = config.net.widths
    return (
        f"{config.nd}-D, widths {widths[0]} to {max(widths)}, "
        f"{config.train.batch} patches of {times(sides)}"
    )
