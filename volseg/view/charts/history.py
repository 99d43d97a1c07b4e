"""How a training run went, as columns: what pictures and pages draw of its log."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MEASURES = ("IoU", "Dice", "PQ")


@dataclass(frozen=True)
class History:
    """Columns of a log, one number per epoch; NaN where there is none.

    Attributes:
        name: name of the run or fold.
        epochs: numbers of the epochs.
        minutes: minutes since the start of the run, at the end of each epoch.
        loss: mean loss over the epoch.
        learning_rate: learning rate at the end of the epoch.
        measure: what validation measures, one of `MEASURES`; empty where nothing validates.
        mean: mean score over the classes; empty where nothing validates.
        by_class: scores of every class, by name.
    """

    name: str
    epochs: tuple[float, ...]
    minutes: tuple[float, ...]
    loss: tuple[float, ...]
    learning_rate: tuple[float, ...]
    measure: str
    mean: tuple[float, ...]
    by_class: dict[str, tuple[float, ...]]

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], name: str = "") -> History:
        """The history in rows of ``log.csv``, as numbers; one row at least.

        Args:
            rows: ``epoch``, ``seconds``, ``loss``, ``learning_rate`` and, where something
                validates, ``mean_iou`` and ``iou_NAME`` of every class (or ``dice``, ``pq``).
            name: name of the run or fold.
        """
        columns = {key: tuple(row[key] for row in rows) for key in rows[0]}
        measure = next((one for one in MEASURES if f"mean_{one.lower()}" in columns), "")
        prefix = f"{measure.lower()}_"
        return cls(
            name,
            columns["epoch"],
            tuple(seconds / 60 for seconds in columns.get("seconds", [math.nan] * len(rows))),
            columns["loss"],
            columns["learning_rate"],
            measure,
            columns.get(f"mean_{measure.lower()}", ()),
            {
                key.removeprefix(prefix): values
                for key, values in columns.items()
                if measure and key.startswith(prefix)
            },
        )

    @property
    def best(self) -> int | None:
        """The first epoch, counted from 0, with the best mean; None where none has a mean."""
        known = [k for k, score in enumerate(self.mean) if not math.isnan(score)]
        return max(known, key=lambda k: self.mean[k], default=None)
