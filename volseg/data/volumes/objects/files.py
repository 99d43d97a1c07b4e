"""Files of ids that lie beside those of classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.datasets.cases import Case
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.errors import InputError
from volseg.io.folders import OBJECTS_FOLDER
from volseg.io.naming import naming
from volseg.io.volumes.coco import panoptic_json, read_segments
from volseg.io.volumes.files import read_label_volume


def ids_file(case: Case, truth: ObjectTruth | None) -> Path | None:
    """Where the ids of a case's objects are, if they have a file of their own.

    It is the one that the dataset names, the JSON that says what a PNG of segments holds, or that
    of the label's name in a folder ``objects`` beside it.
    """
    if truth != "file":
        return None
    named = case.objects or panoptic_json(case.label)
    return named or case.label.parent / OBJECTS_FOLDER / case.label.name


def read_ids(
    case: Case, truth: ObjectTruth | None, grid: tuple[int, ...]
) -> NDArray[np.integer[Any]] | None:
    """The ids of a case's objects (X, Y, Z), if they have a file of their own.

    Raises:
        InputError: if the file is missing or cannot be read, or has another grid than the label.
    """
    path = ids_file(case, truth)
    if path is None:
        return None
    if path == panoptic_json(case.label):
        return read_segments(case.label)[1]
    with naming(path):
        ids: NDArray[np.integer[Any]] = read_label_volume(path).array[0]
        if ids.shape != tuple(grid):
            raise InputError(
                f"the ids have grid {ids.shape} and the classes in {case.label} {tuple(grid)}; "
                "wanted one grid"
            )
    return ids
