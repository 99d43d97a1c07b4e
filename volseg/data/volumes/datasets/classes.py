"""The classes of a dataset: found in its labels, and in the order that scores expect."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from volseg.data.volumes.datasets.cases import Dataset
from volseg.errors import InputError
from volseg.io.volumes.files import read_label_volume

MOST = 1000
"""More ids than any label map has: files with more are images."""


def find_classes(dataset: Dataset) -> dict[str, tuple[int, ...]]:
    """Every id in the label files as a class: 0 is ``background``, 7 is ``class_7``.

    The files are read one after the other.

    Raises:
        InputError: if a label file cannot be read, or holds more ids than labels have.
    """
    ids: set[int] = set()
    for case in dataset.cases:
        if case.label is None:
            continue
        ids.update(np.unique(read_label_volume(case.label).array).tolist())
        if len(ids) > MOST:
            raise InputError(
                f"more than {MOST} ids up to this file; wanted labels, not an image",
                path=case.label,
            )
    return named(ids)


def named(ids: set[int]) -> dict[str, tuple[int, ...]]:
    """Names for ids: 0 is ``background``, 7 is ``class_7``."""
    return {"background" if one == 0 else f"class_{one}": (one,) for one in sorted(ids)}


def background_first(classes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Classes that exclude each other, that of id 0 leading: means leave the first out."""
    return dict(sorted(classes.items(), key=lambda one: 0 not in one[1]))
