"""How long a run lasts, and how fast it learns along the way."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

WARM_UP = 0.1
POWER = 0.9


def one_cycle(share: float) -> float:
    """The learning rate over its peak when ``share`` of the run is done.

    It rises over the first tenth and falls as a cosine to zero (Smith & Topin 2019).
    """
    if share < WARM_UP:
        return 0.05 + 0.95 * share / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (share - WARM_UP) / (1.0 - WARM_UP))


def poly(share: float) -> float:
    """The learning rate over its peak: ``(1 - share)^0.9`` (Chen et al., DeepLab, 2018)."""
    return float((1.0 - share) ** POWER)


@dataclass(frozen=True)
class Schedule:
    """How long to train: ``epochs`` of ``steps``, or as many as ``minutes`` hold.

    Attributes:
        epochs: Number of rounds, each ended by a validation.
        steps: Batches per epoch.
        minutes: Duration in place of the number of epochs; None for these.
        curve: Learning rate over its peak, of the share of the run from 0 to 1.
    """

    epochs: int
    steps: int
    minutes: float | None = None
    curve: Callable[[float], float] = one_cycle

    def share(self, step: int, seconds: float) -> float:
        """How much of the run is done after so many steps and seconds, from 0 to 1."""
        if self.minutes is None:
            return step / (self.epochs * self.steps)
        return min(1.0, seconds / (60.0 * self.minutes))
