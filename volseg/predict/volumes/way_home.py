"""The way home of what is in memory: an array, a volume, or an image of nibabel's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import Volume

Label = Callable[[Volume], NDArray[Any]]
"""A volume to raw ids (X, Y, Z)."""


def label_image(
    label: Label, image: Any, spacing: Sequence[float] | None = None, affine: Any = None
) -> Any:
    """What is made of an image's labels is of its own kind; see `VolumeModel`.

    Raises:
        InputError: if the array has another number of axes or is not of real numbers, spacing and
            affine are both given or no such numbers, or go with an image that has its own; or as
            ``label``.
    """
    if not isinstance(image, Volume) and not hasattr(image, "dataobj"):
        array = np.asarray(image)
        volume = Volume(_with_channels(array), _affine(min(array.ndim, 3), spacing, affine))
        ids = label(volume)
        return ids[..., 0] if array.ndim == 2 else ids
    if spacing is not None or affine is not None:
        raise InputError("spacing and affine go with an array; this image has its own")
    if isinstance(image, Volume):
        return Volume(label(image)[None], image.affine, image.others)
    return _label_nibabel(label, image)


def _label_nibabel(label: Label, image: Any) -> Any:
    from nibabel.nifti1 import Nifti1Header

    from volseg.io.volumes.nifti import reset_values
    from volseg.io.volumes.nifti_place import read_place

    array = np.asanyarray(image.dataobj)
    if array.ndim > 4:
        array = array.reshape(*array.shape[:3], -1)
    whole = _with_channels(np.moveaxis(array, 3, 0) if array.ndim == 4 else array)
    header, affine = image.header.copy(), image.affine
    if isinstance(header, Nifti1Header):
        x, y, z = whole.shape[1:]
        affine = read_place(header, (x, y, z)).affine
    if affine is None:
        raise InputError("the image has no affine; give one when it is made")
    ids = label(Volume(whole, affine)).reshape((*array.shape, 1)[: min(array.ndim, 3)])
    ids = ids.astype(np.int32 if ids.dtype.itemsize > 2 else np.promote_types(ids.dtype, np.uint8))
    header.set_data_shape(ids.shape)
    header.set_data_dtype(ids.dtype)
    if isinstance(header, Nifti1Header):
        reset_values(header)
    return image.__class__(ids, image.affine, header)


def _with_channels(array: NDArray[Any]) -> NDArray[Any]:
    """(C, X, Y, Z) of (H, W), (X, Y, Z) or (C, X, Y, Z)."""
    if not 2 <= array.ndim <= 4 or array.dtype.kind not in "biuf":
        raise InputError(
            f"the array has shape {array.shape} of {array.dtype}; wanted real numbers (H, W), "
            "(X, Y, Z) or (C, X, Y, Z)"
        )
    whole = array[None, ..., None] if array.ndim == 2 else array
    return whole[None] if whole.ndim == 3 else whole


def _affine(axes: int, spacing: Sequence[float] | None, affine: Any) -> NDArray[np.float64]:
    if affine is not None:
        if spacing is not None:
            raise InputError("spacing and affine are both given; an affine has the spacing in it")
        return np.asarray(affine, dtype=np.float64)
    given = (1.0,) * axes if spacing is None else tuple(spacing)
    steps = (*given, 1.0)[:3]
    if len(given) < axes or not all(step > 0 for step in steps):
        raise InputError(f"the spacing is {given}; wanted {axes} lengths above 0, in mm")
    return np.diag([*steps, 1.0])
