"""What one cloud holds and another of the same points does not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.points import PointCloud
from volseg.io.scans.crs import crs_name
from volseg.io.scans.describe import unit_text
from volseg.io.scans.fields import flatten
from volseg.io.scans.header_words import NAME_BYTES, names_within, plain_names
from volseg.io.scans.instances import same_instances


def differences(before: PointCloud, after: PointCloud) -> list[str]:
    """What a cloud holds and another of the same points, in their order, does not, a phrase each.

    Values are the same where they are the same numbers, in whatever type.
    """
    return [
        *_of_coordinates(before, after),
        *_of_labels(before, after),
        *_of_system(before, after),
        *_of_attributes(before, after),
    ]


def _of_coordinates(before: PointCloud, after: PointCloud) -> list[str]:
    own = before.xyz[before.placed]
    moved = np.abs(after.xyz[before.placed] - own).max(axis=0, initial=0)
    # LAS computes coordinates from integers: the last bit of the largest is how near it comes.
    if (moved <= np.spacing(np.abs(own).max(axis=0, initial=0))).all():
        return []
    return [f"all digits of coordinates: they move by up to {moved.max():.2g}"]


def _of_labels(before: PointCloud, after: PointCloud) -> list[str]:
    labels = before.labels is None or (
        after.labels is not None and np.array_equal(before.labels, after.labels)
    )
    return ["labels"] * (not labels) + ["instances"] * (not _keeps_objects(before, after))


def _keeps_objects(before: PointCloud, after: PointCloud) -> bool:
    return before.instances is None or same_instances(before, after)


def _of_attributes(before: PointCloud, after: PointCloud) -> list[str]:
    losses, lacking, words = [], [], plain_names(before.attributes)
    shorter = names_within(flatten(before.attributes), NAME_BYTES)
    for name in before.attributes:
        values = before.attributes[name]
        kept = _find(after, name, values)
        if kept is None and words[name] != name:
            kept = _find(after, words[name], values)
            losses += [] if kept is None else [f"the name {name!r}: it goes by {words[name]!r}"]
        cut = [shorter[column] for column in flatten({name: values})]
        if kept is None and set(cut) <= set(after.attributes):
            kept = np.stack([after.attributes[column] for column in cut], axis=-1)
            losses.append(f"the name {name!r}: it goes by {', '.join(map(repr, cut))}")
        if kept is None and name == before.instance_field and _keeps_objects(before, after):
            kept = values  # under another name
        if kept is None:
            lacking.append(name)
        elif not _equal(values, kept):
            losses.append(f"attribute {name} ({values.dtype}): {kept.dtype} changes its values")
    return losses + ([f"attributes {', '.join(lacking)}"] if lacking else [])


def _of_system(before: PointCloud, after: PointCloud) -> list[str]:
    """Losses of the coordinate system and of the unit."""
    names = [None if cloud.crs is None else crs_name(cloud.crs) for cloud in (before, after)]
    losses = []
    if names[0] is not None and names[0] != names[1]:
        becomes = "" if names[1] is None else f": it reads as {names[1]}"
        losses.append(f"coordinate system {names[0]}{becomes}")
    if before.metres_per_unit != after.metres_per_unit:
        losses.append(f"unit {unit_text(before)}: it reads as {unit_text(after)}")
    return losses


def _find(cloud: PointCloud, name: str, like: NDArray[Any]) -> NDArray[Any] | None:
    """An attribute by its name, or by one it was given because that was taken, or by columns."""
    columns = list(flatten({name: like}))
    # Where both are there, the format keeps the plain name for something of its own.
    others = ([f"{name}_original"], [f"{column}_original" for column in columns])
    for names in (*others, [name], columns):
        if set(names) <= set(cloud.attributes):
            return np.stack([cloud.attributes[column] for column in names], axis=-1)
    return None


def _equal(values: NDArray[Any], kept: NDArray[Any]) -> bool:
    """Whether values are the same numbers, in whatever type."""
    kept = kept.reshape(values.shape) if kept.size == values.size else kept
    with np.errstate(invalid="ignore", over="ignore"):
        back = kept.astype(values.dtype)
    if values.dtype.kind == "f":
        return np.array_equal(back, values, equal_nan=True)
    return np.array_equal(back, values) and np.array_equal(back.astype(kept.dtype), kept)
