"""One format to another: what is lost is found by reading back what was written."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError, InputWarning
from volseg.geometry.points import PointCloud
from volseg.io.atomic import check_target, make_folder
from volseg.io.scans.crs import crs_name
from volseg.io.scans.describe import unit_text
from volseg.io.scans.fields import flatten
from volseg.io.scans.files import read, write
from volseg.io.scans.formats import find_scan_format, scan_file
from volseg.io.scans.header_words import NAME_BYTES, names_within, plain_names
from volseg.io.scans.instances import same_instances
from volseg.progress import SILENT, Progress


def convert(
    source: Path | str,
    target: Path | str,
    *,
    label_field: str | None = None,
    columns: Sequence[str] | None = None,
    overwrite: bool = False,
    progress: Progress = SILENT,
) -> list[Path]:
    """Write a scan in the format the target's suffix tells.

    A draft is written beside the target and read again: what differs is noted before the draft
    is put in its place. From a format to itself every byte that can stay does.

    Args:
        source: the scan.
        target: where to write.
        label_field: the field that holds the labels.
        columns: as in `volseg.io.read`.
        overwrite: replace an existing file.
        progress: told, in notes, what the target does not hold.

    Returns:
        The files written.

    Raises:
        InputError: if the source cannot be read, the target exists or cannot be written, or the
            format cannot hold the coordinates or labels at all.

    Example:
        >>> [path.name for path in vs.convert("tile.laz", "tile.pcd")]
        ['tile.pcd']
    """
    source, target = scan_file(source), Path(target)
    kinds = find_scan_format(source), find_scan_format(target)
    make_folder(target.parent)
    check_target(target, overwrite=overwrite)
    if target.exists() and target.samefile(source):
        raise InputError("would replace the scan itself; name another file", path=target)
    cloud = read(source, label_field=label_field, columns=columns)
    same = kinds[0].shares_codec(kinds[1])
    with tempfile.TemporaryDirectory(prefix=".", suffix=".part", dir=target.parent) as folder:
        draft = Path(folder) / target.name
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)  # losses are measured
            try:
                files = write(draft, cloud, like=source, columns=columns)
            except InputError as error:
                place = target if error.path == draft else error.path
                raise InputError(error.message, path=place) from None
            field, names = (cloud.label_field, columns) if same else (None, None)
            lost = differences(cloud, read(draft, label_field=field, columns=names))
        if kinds[0].extras and (not same or kinds[0].copies is not None):
            lost.append(f"{kinds[0].extras}, if there are any")
        if cloud.label_problem is not None:
            lost.append(f"labels: {cloud.label_problem}")
        for loss in lost:
            progress.note(f"{target} does not hold {loss}")
        places = [target.with_name(file.name) for file in files]
        kinds[1].codec().check_folder(target, places)
        for place in places:
            check_target(place, overwrite=overwrite)
        for file, place in zip(files, places, strict=True):
            file.replace(place)
    return places


def differences(before: PointCloud, after: PointCloud) -> list[str]:
    """What one cloud holds and another of the same points does not, a line each."""
    found = []
    placed = before.placed
    moved = np.abs(after.xyz[placed] - before.xyz[placed]).max(axis=0, initial=0)
    # LAS computes coordinates from integers: the last bit of the largest is how near it comes.
    if (moved > np.spacing(np.abs(before.xyz[placed]).max(axis=0, initial=0))).any():
        found.append(f"all digits of coordinates: they move by up to {moved.max():.2g}")
    if before.labels is not None and (
        after.labels is None or not np.array_equal(before.labels, after.labels)
    ):
        found.append("labels")
    same_objects = before.instances is None or same_instances(before, after)
    found += [] if same_objects else ["instances"]
    found += _system(before, after)
    lacking, words = [], plain_names(before.attributes)
    shorter = names_within(flatten(before.attributes), NAME_BYTES)
    for name in before.attributes:
        values = before.attributes[name]
        kept = _find(after, name, values)
        if kept is None and words[name] != name:
            kept = _find(after, words[name], values)
            found += [] if kept is None else [f"the name {name!r}: it goes by {words[name]!r}"]
        made = [shorter[one] for one in flatten({name: values})]
        if kept is None and set(made) <= set(after.attributes):
            kept = np.stack([after.attributes[one] for one in made], axis=-1)
            found.append(f"the name {name!r}: it goes by {', '.join(map(repr, made))}")
        if kept is None and name == before.instance_field and same_objects:
            kept = values  # under another name
        if kept is None:
            lacking.append(name)
        elif not _equal(values, kept):
            found.append(f"attribute {name} ({values.dtype}): {kept.dtype} changes its values")
    if lacking:
        found.append("attributes " + ", ".join(lacking))
    return found


def _system(before: PointCloud, after: PointCloud) -> list[str]:
    """Losses of the coordinate system and of the unit."""
    names = [None if cloud.crs is None else crs_name(cloud.crs) for cloud in (before, after)]
    found = []
    if names[0] is not None and names[0] != names[1]:
        becomes = "" if names[1] is None else f": it reads as {names[1]}"
        found.append(f"coordinate system {names[0]}{becomes}")
    if before.metres_per_unit != after.metres_per_unit:
        found.append(f"unit {unit_text(before)}: it reads as {unit_text(after)}")
    return found


def _find(cloud: PointCloud, name: str, like: NDArray[Any]) -> NDArray[Any] | None:
    """An attribute by its name, or by one it was given because that was taken, or by columns."""
    columns = list(flatten({name: like}))
    # Where both are there, the format keeps the plain name for something of its own.
    others = ([f"{name}_original"], [f"{one}_original" for one in columns])
    for names in (*others, [name], columns):
        if set(names) <= set(cloud.attributes):
            return np.stack([cloud.attributes[one] for one in names], axis=-1)
    return None


def _equal(values: NDArray[Any], kept: NDArray[Any]) -> bool:
    """Whether values are the same numbers, in whatever type."""
    kept = kept.reshape(values.shape) if kept.size == values.size else kept
    with np.errstate(invalid="ignore", over="ignore"):
        back = kept.astype(values.dtype)
    if values.dtype.kind == "f":
        return np.array_equal(back, values, equal_nan=True)
    return np.array_equal(back, values) and np.array_equal(back.astype(kept.dtype), kept)
