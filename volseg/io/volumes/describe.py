"""What a volume holds, in a few facts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import spacing_of
from volseg.io.volumes.files import read_label_volume, read_volume, read_volume_header
from volseg.io.volumes.formats import find_volume_format

# A volume of more different integers than this is an image, not a label map.
FEW = 64


@dataclass(frozen=True)
class VolumeInfo:
    """Facts about a volume.

    Attributes:
        format: name of the file format.
        grid: voxels along each axis.
        channels: number of channels.
        dtype: type of the values as stored.
        spacing: distance of voxels along each axis, millimetres; 1 in a picture that names none.
        orientation: where the axes run, nearest of left or right, posterior or anterior,
            inferior or superior, as ``RAS``; None in a picture, which has no place in the world.
        oblique: largest angle between an axis and the one it is called by, degrees.
        minimum: lowest value of each channel that is finite, None where none is.
        maximum: highest value of each channel that is finite.
        broken: values that are NaN or infinite.
        labels: voxels of every value, in order, where all are whole numbers and they are few.
        doubt: how its header contradicts itself, and what is taken; empty where it does not.
    """

    format: str
    grid: tuple[int, int, int]
    channels: int
    dtype: str
    spacing: tuple[float, float, float]
    orientation: str | None
    oblique: float
    minimum: tuple[float | None, ...]
    maximum: tuple[float | None, ...]
    broken: int
    labels: dict[int, int]
    doubt: str = ""


def describe_volume(path: Path | str) -> VolumeInfo:
    """Read a volume and sum it up.

    Raises:
        InputError: as `volseg.io.read_volume`.
    """
    from nibabel.orientations import aff2axcodes

    path = Path(path)
    kind, header, volume = find_volume_format(path), read_volume_header(path), read_volume(path)
    finite = [channel[np.isfinite(channel)] for channel in volume.array]
    x, y, z = (float(side) for side in volume.spacing)
    placed = kind.placed
    return VolumeInfo(
        format=kind.name,
        grid=volume.grid,
        channels=len(volume.array),
        dtype=str(header.dtype),
        spacing=(x, y, z),
        orientation="".join(aff2axcodes(volume.affine)) if placed else None,
        oblique=_obliquity(volume.affine),
        minimum=tuple(float(channel.min()) if channel.size else None for channel in finite),
        maximum=tuple(float(channel.max()) if channel.size else None for channel in finite),
        broken=volume.array.size - sum(channel.size for channel in finite),
        labels=_few_labels(path),
        doubt=header.doubt,
    )


def _obliquity(affine: NDArray[np.float64]) -> float:
    """Largest angle between an axis of the grid and the nearest axis of the world, degrees."""
    axes = affine[:3, :3] / spacing_of(affine)
    nearest = np.abs(axes).max(axis=0)
    return float(np.degrees(np.arccos(np.minimum(nearest, 1))).max())


def _few_labels(path: Path) -> dict[int, int]:
    try:
        labels = read_label_volume(path).array
    except InputError:  # several channels, or fractions: an image
        return {}
    ids, counts = np.unique(labels, return_counts=True)
    if len(ids) > FEW:
        return {}
    return {int(name): int(count) for name, count in zip(ids, counts, strict=True)}
