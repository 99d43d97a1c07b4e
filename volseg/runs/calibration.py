"""The temperature of a trained model, fitted on what was held out, and what it did."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.config import validate_model_spec
from volseg.io.atomic import write_files
from volseg.io.tables import csv_text
from volseg.metrics.calibration import Reliability
from volseg.metrics.temperature import Calibration, fit_temperature, measure_calibration
from volseg.models.load import save_model
from volseg.models.tensors import load_tensors
from volseg.progress import Progress

SAMPLES = 400_000
"""Points or voxels that a temperature is fitted on, evenly chosen among all."""
CALIBRATION = "calibration.csv"
ALL = "all"
COLUMNS = ("class", "temperature", "predictions", "accuracy", "confidence", "ece", "nll", "brier")


def calibrate(
    file: Path,
    logits: NDArray[np.float32],
    truth: NDArray[np.int64],
    classes: Sequence[str],
    progress: Progress,
) -> None:
    """Fit a model's temperature, keep it in its file, and say what it did.

    Beside the model ``calibration.csv`` gets how true confidences are by predicted class, and of
    all together, before and after.

    Args:
        file: the model, whose network made the logits.
        logits: (N, K), undivided.
        truth: true classes (N,).
        classes: names (K,).
        progress: gets a note.
    """
    if not len(truth):
        return
    fitted = fit_temperature(logits, truth)
    weights, header = load_tensors(file)
    spec = validate_model_spec(header["spec"], file).model_copy(update={"temperature": fitted})
    save_model(file, spec, weights, header["provenance"])
    found = {value: measure_calibration(logits, truth, classes, value) for value in (1.0, fitted)}
    rows = [row for value, one in found.items() for row in _rows(value, one)]
    table = csv_text(COLUMNS, rows, "\r\n").encode()
    write_files({file.with_name(CALIBRATION): table}, overwrite=True)
    before, after = found[1.0], found[fitted]
    progress.note(
        f"confidence calibrated on {len(truth):,} samples held out: temperature {fitted:.2f}, "
        f"ECE {before.overall.error:.3f} before and {after.overall.error:.3f} after, "
        f"NLL {before.nll:.3f} and {after.nll:.3f}, Brier {before.brier:.3f} and {after.brier:.3f}"
    )


class Thinning:
    """Takes every so many of what is shown part by part, for `SAMPLES` of it at most."""

    def __init__(self, cells: int) -> None:
        """Expect so many cells in all."""
        self.stride = max(1, -(-cells // SAMPLES))
        self._seen = 0

    def __call__(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of the next rows that are taken."""
        chosen = rows[-self._seen % self.stride :: self.stride]
        self._seen += len(rows)
        return chosen


def _rows(temperature: float, found: Calibration) -> list[tuple[Any, ...]]:
    every = (ALL, temperature, *_figures(found.overall), found.nll, found.brier)
    own = [(name, temperature, *_figures(one), "", "") for name, one in found.by_class.items()]
    return [every, *own]


def _figures(found: Reliability) -> tuple[int, float, float, float]:
    """Predictions, the share that is right, their mean confidence, the calibration error."""
    many = int(found.counts.sum())
    known = max(many, 1)
    right, sure = int(found.hits.sum()) / known, float(found.sums.sum()) / known
    return many, right if many else np.nan, sure if many else np.nan, found.error
