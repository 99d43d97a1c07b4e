"""Cases of random values and ids on disk, and how they are prepared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.channel import Channel
from volseg.geometry.labels import LabelClass, LabelMap

AFFINE = np.diag((-1.0, -2.0, 3.0, 1.0))  # left, posterior, superior
GRID = (9, 8, 7)


def label_map(*ids: tuple[int, ...], **kw: Any) -> LabelMap:
    return LabelMap(tuple(LabelClass(f"c{n}", one, "#000000") for n, one in enumerate(ids)), **kw)


LABELS = label_map((0,), (5, 6), (200,), ignore=(9,))
OPTIONS: dict[str, Any] = {"spacing": (1, 2, 3), "channels": [Channel()], "labels": LABELS}


def store(path: Path, array: NDArray[Any], affine: NDArray[np.float64] = AFFINE) -> Path:
    nib.save(nib.Nifti1Image(array, affine), path)
    return path
