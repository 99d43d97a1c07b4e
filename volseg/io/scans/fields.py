"""Named columns of a file: which are coordinates, colour, labels, and what to add to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import CONFIDENCES, INSTANCE, METRES, PointCloud
from volseg.io.scans.axes import find_axes
from volseg.io.scans.header_words import plain_names
from volseg.io.scans.labels import LABEL_NAMES, label_name, new_labels, take_labels

RGB = ("red", "green", "blue")
COLOURS = (RGB, ("r", "g", "b"), ("diffuse_red", "diffuse_green", "diffuse_blue"))
CONFIDENCE, OUR_CONFIDENCE = CONFIDENCES


@dataclass(frozen=True)
class ColumnRoles:
    """What the columns of a file mean.

    Attributes:
        xyz: names of the columns of the coordinates.
        degrees: whether x and y are called longitude and latitude.
        label: name of the column of the labels, or None.
        named: whether the user named that column; else it is only called as labels are.
        attributes: the columns of every attribute by its name; colours are one attribute.
    """

    xyz: tuple[str, str, str]
    degrees: bool
    label: str | None
    named: bool
    attributes: Mapping[str, tuple[str, ...]]


def arrange(names: Sequence[str], label_field: str | None) -> ColumnRoles:
    """Tell coordinates, labels and attributes apart by their names, in any case.

    Raises:
        InputError: if a name stands twice, x, y or z is missing, or ``label_field`` is.
    """
    lower = {name.lower(): name for name in names}
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise InputError(f"has two columns named {twice[0]!r}; wanted one of each name")
    axes = find_axes(names)
    if axes is None:
        raise InputError(f"has no columns x, y and z; it has {', '.join(names) or 'none'}")
    xyz = axes.xyz
    label = label_name([name for name in names if name not in xyz], label_field)
    attributes: dict[str, tuple[str, ...]] = {}
    colour = next((triple for triple in COLOURS if lower.keys() >= set(triple)), ())
    merged = tuple(lower[name] for name in colour)
    for name in names:
        if name in merged:
            attributes["colour"] = merged
        elif name not in (*xyz, label):
            attributes[name] = (name,)
    return ColumnRoles(xyz, axes.degrees, label, label_field is not None, attributes)


def build_cloud(table: Mapping[str, NDArray[Any]], columns: ColumnRoles) -> PointCloud:
    """The point cloud of a table of columns, each (N,).

    Raises:
        InputError: if labels that the user named are not whole numbers.
    """
    attributes: dict[str, NDArray[Any]] = {}
    for name, parts in columns.attributes.items():
        values = [native(table[part]) for part in parts]
        attributes[name] = values[0] if len(values) == 1 else np.stack(values, axis=1)
    label = columns.label
    fields = {} if label is None else {label: native(table[label])}
    labels = take_labels(fields, label, named=columns.named)
    xyz = np.stack([np.asarray(table[name], dtype=np.float64) for name in columns.xyz], axis=1)
    # Some call eastings and northings in metres so, too.
    degrees = columns.degrees and not (np.abs(xyz[:, :2]) > 360).any()
    return PointCloud(
        xyz=xyz,
        attributes=attributes | fields,
        labels=labels,
        label_field=label,
        metres_per_unit=None if degrees else METRES,
    )


def native(values: NDArray[Any]) -> NDArray[Any]:
    """The same values, contiguous and in this machine's byte order."""
    return np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))


def additions(cloud: PointCloud, present: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Attributes of the cloud that a file with those present lacks, confidence and objects too.

    The confidence takes the place of an outdated one, and goes by another name where the file
    has a ``confidence`` of its own. Outdated ones without a successor are NaN. Ids of objects
    that none of the attributes holds are `INSTANCE`, uint32.
    """
    present = set(present)
    new: dict[str, NDArray[Any]] = {
        name: cloud.attributes[name]
        for name in cloud.attributes
        if name not in present and name not in cloud.outdated
    }
    for name in present.intersection(cloud.outdated):
        new[name] = np.full(len(cloud), np.nan, dtype=np.float32)
    if cloud.confidence is not None:
        taken = {*present, *new}.difference(cloud.outdated)
        new[OUR_CONFIDENCE if CONFIDENCE in taken else CONFIDENCE] = cloud.confidence
    if cloud.instances is not None and cloud.instance_field is None:
        new[INSTANCE] = cloud.instances.astype(np.uint32)
    return new


def flatten(attributes: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Attributes as columns (N,): colour as red, green, blue, other rows by number."""
    columns: dict[str, NDArray[Any]] = {}
    for name, values in attributes.items():
        if values.dtype.kind not in "biuf":
            raise InputError(f"attribute {name!r} of type {values.dtype} cannot be written")
        if values.ndim == 1:
            columns[name] = values
            continue
        flat = values.reshape(len(values), int(np.prod(values.shape[1:])))
        rgb = name == "colour" and flat.shape[1] == 3
        names = RGB if rgb else [f"{name}_{i}" for i in range(flat.shape[1])]
        columns.update(zip(names, flat.T, strict=True))
    return columns


def new_columns(cloud: PointCloud) -> dict[str, NDArray[Any]]:
    """All a cloud holds as columns of a new file: x, y, z, attributes, ``label``.

    An attribute whose name is taken goes by ``NAME_original``, and all by `plain_names`.
    """
    columns: dict[str, NDArray[Any]] = dict(zip("xyz", cloud.xyz.T, strict=True))
    taken = {"x", "y", "z"} if cloud.labels is None else {"x", "y", "z", LABEL_NAMES[0]}
    new = additions(cloud, ())
    names = plain_names(new)
    for name, values in flatten({names[name]: values for name, values in new.items()}).items():
        columns[f"{name}_original" if name.lower() in taken else name] = values
    if cloud.labels is not None:
        columns[LABEL_NAMES[0]] = new_labels(cloud.labels)
    return columns


def check_count(cloud: PointCloud, count: int) -> None:
    """Refuse labels of other points.

    Raises:
        InputError: unless the source has as many points as the cloud.
    """
    if len(cloud) != count:
        raise InputError(
            f"has {count:,} points, the labelled cloud {len(cloud):,}; wanted the same"
        )
