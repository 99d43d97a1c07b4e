"""How training went, from the log of a run."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from volseg.errors import InputError
from volseg.view.charts.history import History


def read_log(path: Path, name: str) -> History | None:
    """The history in the ``log.csv`` of the run or fold ``name``; None without such a file.

    Raises:
        InputError: if it is no log of a run.
    """
    if not path.is_file():
        return None
    try:
        with path.open(newline="", encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
        rows = [{key: _number(text) for key, text in line.items()} for line in lines]
    except (OSError, TypeError, ValueError, csv.Error) as error:
        raise InputError(f"is no log of a run ({error})", path=path) from None
    if not rows:
        return None
    missing = [key for key in ("epoch", "seconds", "loss", "learning_rate") if key not in rows[0]]
    if missing:
        raise InputError(f"is no log of a run: it lacks {', '.join(missing)}", path=path)
    return History.of(rows, name)


def _number(text: str | None) -> float:
    return float(text) if text else math.nan
