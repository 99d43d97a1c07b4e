"""Raw ids of whole volumes to training ids."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.checks.masks import ALONE, id_layout, refuse_soft
from volseg.errors import InputError
from volseg.geometry.labels import LabelMap
from volseg.geometry.volume import Volume
from volseg.io.volumes.files import FIX


def encode_volume(
    raw: NDArray[np.integer[Any]], labels: LabelMap
) -> NDArray[np.signedinteger[Any]]:
    """Training ids (X, Y, Z) or flags (K, X, Y, Z) in the least type.

    Slab by slab, since encoding needs 64 bits a voxel.

    Raises:
        InputError: if an id is not in the map.
    """
    small = np.int8 if labels.overlap or len(labels) <= 127 else np.int16
    try:
        slabs = [labels.encode(slab).astype(small) for slab in raw]
    except InputError:
        refuse_soft(raw)
        layout = id_layout(Volume(raw[None], np.eye(4)))
        try:
            labels.encode(raw)  # the same error, counting in the whole label
        except InputError as error:
            if layout is None or layout.alone < ALONE:
                raise
            hint = f"; if the ids number objects, {FIX} makes them one class"
            raise InputError(error.message + hint) from None
        raise
    return np.stack(slabs, axis=1 if labels.overlap else 0)
