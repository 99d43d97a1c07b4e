"""Dice of one segmented volume, class by class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.evaluate.volumes.scores import class_confusions
from volseg.geometry.labels import LabelMap


def case_dice(
    labels: LabelMap, truth: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """Dice of every class or region, float64 (K,), of raw ids of one shape.

    A class in neither is NaN, one in either alone 0; voxels of ignored truth count nowhere.

    Raises:
        InputError: if an id is not in the map.
    """
    counted = class_confusions(labels, labels.encode(truth), labels.encode(predicted))
    return np.array([one.scores().dice[1] for one in counted])
