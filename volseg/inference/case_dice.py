"""Dice of one segmented volume, class by class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.labels import LabelMap
from volseg.train.metrics import Confusion


def case_dice(
    labels: LabelMap, truth: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """Dice of every class or region, float64 (K,), of raw ids of one shape.

    A class in neither is NaN, one in either alone 0; voxels of ignored truth count nowhere.

    Raises:
        InputError: if an id is not in the map.
    """
    wanted, found = labels.encode(truth), labels.encode(predicted)
    if not labels.overlap:
        confusion = Confusion(len(labels))
        confusion.update(wanted, found)
        return confusion.scores().dice
    dice = []
    for region, guess in zip(wanted, found, strict=True):
        confusion = Confusion(2)
        confusion.update(region, guess)
        dice.append(confusion.scores().dice[1])
    return np.array(dice)
