"""Files of ids that lie beside those of classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.errors import InputError
from volseg.io.folders import OBJECTS_FOLDER
from volseg.io.naming import naming
from volseg.io.volumes.files import read_label_volume


def ids_file(label: Path, truth: ObjectTruth | None) -> Path | None:
    """Where the ids of a label's objects are, if they have a file of their own."""
    return label.parent / OBJECTS_FOLDER / label.name if truth == "file" else None


def read_ids(
    label: Path, truth: ObjectTruth | None, grid: tuple[int, ...]
) -> NDArray[np.integer[Any]] | None:
    """The ids of a label's objects (X, Y, Z), if they have a file of their own.

    Raises:
        InputError: if the file is missing or cannot be read, or has another grid.
    """
    path = ids_file(label, truth)
    if path is None:
        return None
    with naming(path):
        ids: NDArray[np.integer[Any]] = read_label_volume(path).array[0]
        if ids.shape != tuple(grid):
            raise InputError(
                f"the ids have grid {ids.shape} and the classes in {label} {tuple(grid)}; wanted "
                "one grid"
            )
    return ids
