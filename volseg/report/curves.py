"""How training went, from the log of a run."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from volseg.errors import InputError


@dataclass(frozen=True)
class Curves:
    """Columns of a log, one number an epoch; NaN where there is none.

    Attributes:
        name: of the run or fold.
        epochs: their numbers.
        minutes: since the start.
        loss: mean over the epoch.
        learning_rate: at its end.
        measure: what validation measures, ``IoU`` or ``Dice``.
        mean: over classes; empty where nothing validates.
        by_class: of every class.
    """

    name: str
    epochs: tuple[float, ...]
    minutes: tuple[float, ...]
    loss: tuple[float, ...]
    learning_rate: tuple[float, ...]
    measure: str
    mean: tuple[float, ...]
    by_class: dict[str, tuple[float, ...]]


def read_curves(path: Path, name: str) -> Curves | None:
    """The curves in a run's ``log.csv``; None if there is no such file.

    Raises:
        InputError: if it is no log of a run.
    """
    if not path.is_file():
        return None
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        found = {key: tuple(_number(row[key]) for row in rows) for key in rows[0]} if rows else {}
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"is no log of a run ({error})", path=path) from None
    if not found:
        return None
    missing = [key for key in ("epoch", "seconds", "loss", "learning_rate") if key not in found]
    if missing:
        raise InputError(f"is no log of a run: it lacks {', '.join(missing)}", path=path)
    measure = next((one for one in ("IoU", "Dice") if f"mean_{one.lower()}" in found), "")
    prefix = f"{measure.lower()}_"
    classes = [key for key in found if measure and key.startswith(prefix)]
    return Curves(
        name,
        found["epoch"],
        tuple(seconds / 60 for seconds in found["seconds"]),
        found["loss"],
        found["learning_rate"],
        measure,
        found.get(f"mean_{measure.lower()}", ()),
        {key.removeprefix(prefix): found[key] for key in classes},
    )


def _number(text: str | None) -> float:
    return float(text) if text else math.nan
