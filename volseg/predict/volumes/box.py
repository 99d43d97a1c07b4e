"""Segment a box of a volume alone; all around it is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.channel import Channel
from volseg.errors import InputError
from volseg.geometry.volume import Volume, times
from volseg.predict.volumes.model import VolumeModel

Side = tuple[int | None, int | None]
"""First voxel along an axis, and the first after the last; None where the volume ends."""

WANTED = "wanted FIRST:END along each of three axes, such as 40:200,:,10:60"


def parse_box(text: str) -> tuple[Side, Side, Side]:
    """The sides of a box in words.

    Raises:
        InputError: if they are none.

    Example:
        >>> parse_box("40:200,:,10:")
        ((40, 200), (None, None), (10, None))
    """
    try:
        sides = [_side(word) for word in text.split(",")]
        x, y, z = sides
    except ValueError:
        raise InputError(f"--roi {text!r}: {WANTED}") from None
    return x, y, z


def _side(word: str) -> Side:
    first, end = (int(number) if number.strip() else None for number in word.split(":"))
    if (first or 0) < 0 or (end is not None and end <= (first or 0)):
        raise ValueError(word)
    return first, end


def label_box(
    model: VolumeModel,
    volume: Volume,
    box: Sequence[Side],
    *,
    probabilities: NDArray[Any] | None = None,
    objects: NDArray[np.integer[Any]] | None = None,
    **how: Any,
) -> NDArray[Any]:
    """The raw ids of a volume's voxels, of which the network sees those in a box alone.

    Intensities are normalised over the whole volume, as they are where all of it is segmented.

    Args:
        model: the model.
        volume: (C, X, Y, Z), as its file has it.
        box: which voxels, along the axes of the file.
        probabilities: as `VolumeModel.label`'s; they stay 0 around the box.
        objects: likewise.
        how: other options of `VolumeModel.label`.

    Returns:
        Raw ids (X, Y, Z); around the box that of nothing.

    Raises:
        InputError: if no voxel is in the box, or as `VolumeModel.label`.
    """
    if len(volume.array) != len(model.channels):
        return model.label(volume)  # which says what is wrong
    inside = tuple(slice(*side) for side in box)
    starts = [side.start or 0 for side in inside]
    if any(start >= sides for start, sides in zip(starts, volume.grid, strict=True)):
        raise InputError(f"has grid {times(volume.grid)}, in which --roi holds no voxel; {WANTED}")
    array = np.array(volume.array, dtype=np.float32)
    for channel, values in zip(model.channels, array, strict=True):
        channel.apply(values)
    affine = volume.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ starts
    part = Volume(array[(slice(None), *inside)], affine)
    plain = replace(model, channels=(Channel("none"),) * len(array))
    made = plain.label(
        part,
        probabilities=None if probabilities is None else probabilities[(slice(None), *inside)],
        objects=None if objects is None else objects[inside],
        **how,
    )
    labels = np.full(volume.grid, model.labels.nothing, made.dtype)
    labels[inside] = made
    return labels
