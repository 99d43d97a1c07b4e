"""Reading and writing volumes of any format; several files may be one image's channels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import ROUNDED, Volume, apart
from volseg.io.atomic import check_target
from volseg.io.naming import naming
from volseg.io.volumes.coco import panoptic_json, read_segments
from volseg.io.volumes.codec import Stored, VolumeHeader
from volseg.io.volumes.formats import find_volume_format, volume_stem
from volseg.io.volumes.layers import flatten

GRAY, COLOURS = 1, 3  # channels of a picture
FIX = "`volseg check DATASET --fix OUT`"
# How far a label may lie from a whole number: scaling by a float32 slope leaves some dust.
DUST = 1e-3


def read_volume_header(path: Path | str) -> VolumeHeader:
    """Grid, channels, affine and type of a volume; reads no voxels.

    Raises:
        InputError: if the file is missing or of another kind than its suffix says, or its header
            is damaged or promises more voxels than the file can hold.
    """
    path = Path(path)
    with naming(path):
        return find_volume_format(path).codec().read_header(path)


def read_volume(paths: Path | str | Sequence[Path | str], *, channels: int | None = None) -> Volume:
    """Read an image, scaled as its file says; several files are its channels, in order.

    Args:
        paths: its file or files.
        channels: how many are wanted: a gray picture is then three equal channels, and colours
            that are all gray are one. Where neither does, the image is as its file has it.

    Returns:
        float32 (C, X, Y, Z) and the affine of the first file.

    Raises:
        InputError: as `read_volume_header`, if a file is damaged or cut short, or if the files
            differ in grid, or in affine by more than a thousandth of a voxel.
    """
    if isinstance(paths, Path | str):
        paths = [paths]
    first, *others = (Path(path) for path in paths)
    volume = _read_image(first)
    if not others:
        return volume if find_volume_format(first).placed else _coloured(volume, channels)
    arrays = [volume.array]
    for path in others:
        other = _read_image(path)
        _check_same_place(volume, other, first, path)
        arrays.append(other.array)
    return replace(volume, array=np.concatenate(arrays))


def gray_among_colours(channels: Collection[int], files: Iterable[Path]) -> bool:
    """Whether these are pictures of one channel among those of three, to be read with three."""
    return set(channels) == {GRAY, COLOURS} and not any(
        find_volume_format(file).placed for file in files
    )


def read_label_volume(path: Path | str, *, within: float = DUST, colours: bool = False) -> Volume:
    """Read a label map: whole numbers, exactly.

    Args:
        path: the file, or a folder of masks.
        within: how far values may lie from the whole numbers they are taken for.
        colours: read pictures in colours as `read_colours` does.

    Integers keep the type they are stored as. Floats and scaled integers that are whole numbers
    become int32; a gray image stored as RGB is taken as gray. Layers become one label map, as
    `flatten` says; segments in COCO's panoptic format the classes that they are of.

    Returns:
        Integers (1, X, Y, Z) and the affine.

    Raises:
        InputError: as `read_volume`, if there are several channels that are no layers, or a value
            is no whole number.
    """
    path = Path(path)
    if panoptic_json(path) is not None:
        return Volume(read_segments(path)[0][None], np.eye(4))
    with naming(path):
        kind = find_volume_format(path)
        stored = kind.codec().read(path, True)
        array = stored.volume.array
        coloured = len(array) == COLOURS and array.dtype == np.uint8 and not kind.placed
        if colours and coloured and not _is_gray(array):
            labels = _as_numbers(array)
        elif len(array) == 1 or not kind.placed:
            labels = _whole(stored, _one_channel(array), within)
        else:
            labels = flatten(_whole(stored, array, within), stored.segments)
        return replace(stored.volume, array=labels)


def read_colours(path: Path) -> Volume | None:
    """The colours of a picture as numbers, 65536 red + 256 green + blue; None where it has none.

    Returns:
        int32 (1, X, Y, Z) and the affine.

    Raises:
        InputError: as `read_volume`.
    """
    kind = find_volume_format(path)
    if kind.placed:
        return None
    with naming(path):
        volume = kind.codec().read(path, True).volume
    if len(volume.array) != COLOURS or volume.array.dtype != np.uint8:
        return None
    return replace(volume, array=_as_numbers(volume.array))


def _as_numbers(colours: NDArray[Any]) -> NDArray[np.int32]:
    red, green, blue = colours.astype(np.int32)
    numbers: NDArray[np.int32] = red << 16 | green << 8 | blue
    return numbers[None]


def lay_on(labels: Volume, path: Path, image: Volume, image_path: Path) -> Volume:
    """The labels of a picture in the place of their image: such files know a spacing at most.

    Args:
        labels: as read from ``path``.
        path: the labels' file.
        image: as read from ``image_path``.
        image_path: the image's file, or its first channel's.

    Returns:
        The labels as they are, where a file says where in the world it lies or the grids differ.
    """
    placed = find_volume_format(path).placed or find_volume_format(image_path).placed
    return labels if placed or labels.grid != image.grid else Volume(labels.array, image.affine)


def check_label_format(path: Path) -> None:
    """Refuse a path whose suffix is of a format that labels are not written in.

    Raises:
        InputError: naming one that they are.
    """
    kind = find_volume_format(path)
    if not kind.writes:
        raise InputError(
            f"volseg writes no labels as {kind.name}; name the output "
            f"{volume_stem(path)}{kind.labels}",
            path=path,
        )


def write_label_volume(
    path: Path | str,
    labels: NDArray[Any],
    *,
    like: Path | str | None = None,
    affine: NDArray[np.float64] | None = None,
    overwrite: bool = False,
    by: str | None = None,
) -> None:
    """Write a label map that opens on its image, whole or not at all.

    Where ``like`` is of the same format, its header is kept but for what belongs to its values.

    Args:
        path: where to write; its suffix tells the format.
        labels: integers (X, Y, Z) on the grid of ``like``.
        like: the image, of any format.
        affine: float64 (4, 4), from voxels to millimetres, where there is no ``like``.
        overwrite: replace an existing file.
        by: what gave the labels, a model and its version; NIfTI has a place for it.

    Raises:
        InputError: if the target exists or cannot be written, the grids differ, or the format
            cannot hold the labels.
    """
    path, source = Path(path), None
    check_label_format(path)
    kind = find_volume_format(path)
    check_target(path, overwrite=overwrite)
    place = np.eye(4) if affine is None else affine
    if like is not None:
        header = read_volume_header(like)
        place = header.affine
        if labels.shape != header.grid:
            raise InputError(
                f"the labels have grid {labels.shape}, {like} has {header.grid}", path=path
            )
        source = Path(like) if find_volume_format(Path(like)).shares_codec(kind) else None
    if labels.dtype.kind not in "iu":
        raise InputError(f"the labels are {labels.dtype}; wanted integers", path=path)
    with naming(path):
        kind.codec().write_labels(path, Volume(labels[None], place), source, overwrite, by)


def _coloured(picture: Volume, channels: int | None) -> Volume:
    """A gray picture in three channels, or one of three equal channels in one, as is wanted."""
    array = picture.array
    if (len(array), channels) == (GRAY, COLOURS):
        return replace(picture, array=np.repeat(array, COLOURS, axis=0))
    if (len(array), channels) == (COLOURS, GRAY) and _is_gray(array):
        return replace(picture, array=array[:1])
    return picture


def _is_gray(array: NDArray[Any]) -> bool:
    return len(array) == COLOURS and all(np.array_equal(array[0], channel) for channel in array[1:])


def _read_image(path: Path) -> Volume:
    with naming(path):
        stored = find_volume_format(path).codec().read(path, False)
        array = stored.volume.array
        with np.errstate(over="ignore", invalid="ignore"):
            if not stored.scaled:
                return replace(stored.volume, array=array.astype(np.float32, copy=False))
            values = np.empty_like(array, np.float32)
            for z in range(array.shape[-1]):  # a slice at a time: float64 takes much memory
                values[..., z] = _meant(stored, array[..., z])
        return replace(stored.volume, array=values)


def _meant(stored: Stored, values: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(values, np.float64) * stored.slope + stored.inter


def _one_channel(array: NDArray[Any]) -> NDArray[Any]:
    if len(array) == 1 or _is_gray(array):
        return array[:1]
    colours = np.unique(array.reshape(len(array), -1), axis=1).shape[1]
    raise InputError(
        f"holds {len(array)} channels of {colours:,} colours, a label map has one; "
        f"{FIX} makes ids of colours if they are few"
    )


def _whole(stored: Stored, array: NDArray[Any], within: float) -> NDArray[Any]:
    if array.dtype.kind in "iu" and not stored.scaled:
        return array.astype(array.dtype.newbyteorder("="), copy=False)
    labels = np.empty_like(array, np.int32)
    for z in range(array.shape[-1]):
        with np.errstate(over="ignore", invalid="ignore"):
            values = _meant(stored, array[..., z])
            ids = np.rint(values)
            wrong = ~((abs(values - ids) <= within) & (abs(ids) < 2**31))
        if wrong.any():
            raise InputError(
                f"holds the value {values[wrong][0]:g}; labels are whole numbers of 32 bits, so "
                "this looks like an image, or like labels resampled with interpolation; "
                f"{FIX} rounds values that are nearly whole"
            )
        labels[..., z] = ids
    return labels


def _check_same_place(first: Volume, second: Volume, one: Path, other: Path) -> None:
    if first.grid != second.grid:
        raise InputError(
            f"grid {second.grid} differs from {first.grid} of {one}, and the channels of an image "
            f"share one grid; resample it (of a dataset {FIX} does)",
            path=other,
        )
    off = apart(first, second)
    if off > ROUNDED:
        raise InputError(
            f"its affine differs from that of {one} by up to {off:.3g} voxels, and channels "
            f"of an image lie in one place; resample or register it (of a dataset {FIX} resamples)",
            path=other,
        )
