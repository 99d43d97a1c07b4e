"""Segment what is in memory: an array, a volume, or an image of nibabel's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.inference.volume import VolumeModel, check_spacing

if TYPE_CHECKING:
    from nibabel.spatialimages import SpatialImage


@overload
def segment(
    model: VolumeModel,
    image: NDArray[Any] | Sequence[Any],
    spacing: Sequence[float] | None = None,
    *,
    affine: NDArray[np.floating[Any]] | Sequence[Sequence[float]] | None = None,
) -> NDArray[Any]: ...


@overload
def segment(model: VolumeModel, image: Volume) -> Volume: ...


@overload
def segment(model: VolumeModel, image: SpatialImage) -> SpatialImage: ...


def segment(
    model: VolumeModel, image: Any, spacing: Sequence[float] | None = None, *, affine: Any = None
) -> Any:
    """Segment one image; what goes in comes out.

    An array says nothing about where its axes run. With an ``affine`` they run as it says; without
    one they are taken as right, anterior, superior, and an array from a file whose axes run
    otherwise, as left, posterior, superior, would be segmented mirrored.

    Args:
        model: a trained model.
        image: an array: an image (H, W), a volume (X, Y, Z) or one with channels (C, X, Y, Z); a
            `Volume`; or an image of nibabel's, whose fourth axis is channels.
        spacing: of an array without ``affine``, millimetres between voxels along each axis; 1 if
            not given.
        affine: of an array, (4, 4), from voxels to millimetres right, anterior, superior.

    Returns:
        Raw ids: an array of the array's shape without channels; a `Volume` in the same place; an
        image of nibabel's of the same class, with the image's header but for what is about values.

    Raises:
        InputError: if the array has another number of axes or is not of real numbers, spacing and
            affine are both given or no such numbers, or go with an image that has its own; if the
            spacing is far from the model's; or as the model.
    """
    if not isinstance(image, Volume) and not hasattr(image, "dataobj"):
        array = np.asarray(image)
        volume = Volume(_with_channels(array), _affine(min(array.ndim, 3), spacing, affine))
        ids = _segment(model, volume)
        return ids[..., 0] if array.ndim == 2 else ids
    if spacing is not None or affine is not None:
        raise InputError("spacing and affine go with an array; this image has its own")
    if isinstance(image, Volume):
        return Volume(_segment(model, image)[None], image.affine, image.others)
    return _segment_nibabel(model, image)


def _segment(model: VolumeModel, volume: Volume) -> NDArray[Any]:
    check_spacing(model, volume)
    return model(volume)


def _segment_nibabel(model: VolumeModel, image: Any) -> Any:
    from nibabel.nifti1 import Nifti1Header

    from volseg.io.nifti import reset_values
    from volseg.io.nifti_place import read_place

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
    ids = _segment(model, Volume(whole, affine)).reshape((*array.shape, 1)[: min(array.ndim, 3)])
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
