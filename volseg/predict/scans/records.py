"""Points as they are spooled: a record each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.points import PointCloud

BEFORE = "class before"
"""The field of the codes points have in their file, where those are wanted."""


def records_of(
    cloud: PointCloud, attributes: Mapping[str, NDArray[Any]], *, before: bool
) -> NDArray[Any]:
    """Coordinates and attributes as records, (N,), and where wanted the codes points have."""
    columns: dict[str, NDArray[Any]] = {"xyz": cloud.xyz, **attributes}
    if before:
        none = np.zeros(len(cloud), np.int64)
        columns[BEFORE] = none if cloud.labels is None else cloud.labels
    fields = [(name, one.dtype, one.shape[1:]) for name, one in columns.items()]
    table = np.empty(len(cloud), dtype=np.dtype(fields))
    for name, values in columns.items():
        table[name] = values
    return table
