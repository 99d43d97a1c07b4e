"""Means over classes and cases, of which some may have no score."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def known(values: Iterable[float]) -> list[float]:
    """The values that are not NaN."""
    return [value for value in values if not math.isnan(value)]


def mean_known(values: Iterable[float]) -> float:
    """The mean of the values that are not NaN; NaN if all are."""
    having = known(values)
    return float(np.mean(having)) if having else math.nan


def mean_over(
    scores: NDArray[np.float64], in_truth: NDArray[np.bool_], *, empty: float = np.nan
) -> float:
    """The mean of a score over the classes that the truth has, ``empty`` where it has none.

    One that is predicted only can score nothing but 0: what it took lowers other classes.
    """
    return float(scores[in_truth].mean()) if in_truth.any() else empty


def score_text(value: float) -> str:
    """A score with three decimals, a dash where it is not defined."""
    return "-" if math.isnan(value) else f"{value:.3f}"
