"""One temperature that makes confidences come true, and how true they are.

Logits divided by a temperature keep their order, so that no class changes (Guo et al. 2017, "On
Calibration of Modern Neural Networks").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.metrics.calibration import Reliability

LOWEST, HIGHEST = 0.2, 5.0
"""Temperatures between which one is sought: a few samples, all right, would ask for 0."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """How true confidences are.

    Attributes:
        nll: mean negative log likelihood of the truth, in nats.
        brier: mean over samples of the squared error of probabilities, added over classes, 0 to 2.
        overall: of the likeliest class, whatever it is.
        by_class: of samples whose likeliest class it is, by name.
    """

    nll: float
    brier: float
    overall: Reliability
    by_class: dict[str, Reliability]


def fit_temperature(logits: NDArray[np.floating[Any]], truth: NDArray[np.integer[Any]]) -> float:
    """The temperature, `LOWEST` to `HIGHEST`, with the least negative log likelihood.

    Args:
        logits: (N, K).
        truth: true classes (N,).

    Returns:
        1 if there are no samples.

    Example:
        >>> logits = np.array([[4.0, 0.0]] * 4)  # sure by 98 %, and right in three of four
        >>> round(fit_temperature(logits, np.array([0, 0, 0, 1])), 2)
        3.64
    """
    from scipy.optimize import minimize_scalar

    if not len(truth):
        return 1.0
    wide = logits.astype(np.float64)
    found = minimize_scalar(
        lambda log: _nll(_log_softmax(wide / np.exp(log)), truth),
        bounds=(np.log(LOWEST), np.log(HIGHEST)),
        method="bounded",
    )
    return float(np.exp(found.x))


def measure_calibration(
    logits: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    classes: Sequence[str],
    temperature: float = 1.0,
) -> Calibration:
    """How true confidences are under a temperature.

    Args:
        logits: (N, K), N at least 1.
        truth: true classes (N,).
        classes: names (K,).
        temperature: what logits are divided by.

    Example:
        >>> logits = np.array([[4.0, 0.0]] * 4)
        >>> found = measure_calibration(logits, np.array([0, 0, 0, 1]), ("a", "b"), 3.64)
        >>> f"{found.overall.error:.3f} {found.nll:.3f} {found.brier:.3f}"
        '0.000 0.562 0.375'
    """
    likely = _log_softmax(logits.astype(np.float64) / temperature)
    probabilities = np.exp(likely)
    chosen = logits.argmax(axis=1)
    sure, right = probabilities[np.arange(len(chosen)), chosen], chosen == truth
    overall, by_class = Reliability(), {name: Reliability() for name in classes}
    overall.update(sure, right)
    for number, found in enumerate(by_class.values()):
        found.update(sure[chosen == number], right[chosen == number])
    wanted = np.arange(logits.shape[1]) == truth[:, None]
    brier = float(np.square(probabilities - wanted).sum(axis=1).mean())
    return Calibration(_nll(likely, truth), brier, overall, by_class)


def _log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    made: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return made


def _nll(likely: NDArray[np.float64], truth: NDArray[np.integer[Any]]) -> float:
    return float(-likely[np.arange(len(truth)), truth].mean())
