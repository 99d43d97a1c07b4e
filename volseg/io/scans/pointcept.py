"""Pointcept's scenes: a folder of ``coord.npy``, ``color.npy``, ``segment.npy`` and more arrays.

Ids of ``instance.npy`` count from 0, and -1 is no object: one less than ours. A scene is called by
its ``coord.npy``. Layout: Pointcept's preprocessed data sets
(https://github.com/Pointcept/Pointcept), one row a point in every array.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import HIGHEST_INSTANCE, INSTANCE, PointCloud
from volseg.io.atomic import write_files
from volseg.io.naming import naming
from volseg.io.scans.codec import ScanCodec
from volseg.io.scans.fields import additions, check_count, native
from volseg.io.scans.instances import same_instances
from volseg.io.scans.labels import fit, label_name, labels_beside, new_labels, take_labels
from volseg.io.scans.npz import parse_array

COORD, SEGMENT = "coord", "segment"
# Names of attributes here and there.
OURS = {"color": "colour", "strength": "intensity"}
THEIRS = {ours: theirs for theirs, ours in OURS.items()}


class PointceptCodec(ScanCodec):
    """Folders of arrays."""

    def read(self, path: Path, label_field: str | None) -> PointCloud:
        """Read the array of coordinates and every other of its folder; see `volseg.io.read`.

        Labels are ``segment``, else the first array whose name begins so, such as ScanNet's
        ``segment20``.
        """
        return _cloud(path, label_field, strict=label_field is not None)

    def write(
        self, path: Path, cloud: PointCloud, like: Path | None, overwrite: bool
    ) -> list[Path]:
        """Write one file an array; those of ``like`` stay as they are but for its labels."""
        if like is None:
            files = {path: cloud.xyz, **_new(path, cloud)}
            data = {target: _bytes(values) for target, values in files.items()}
        else:
            with naming(like):
                field = cloud.label_field if _has(like, cloud.label_field) else None
                source = _cloud(like, field, strict=False)
                check_count(cloud, len(source))
                data = {
                    path.with_name(array.name): array.read_bytes()
                    for array in like.parent.glob("*.npy")
                }
                data.update(_changed(path, cloud, source, like))
        self.check_folder(path, list(data))
        return write_files(data, overwrite=overwrite)

    def beside(self, path: Path) -> list[Path]:
        """Files a scene is read from besides its coordinates."""
        return sorted(path.parent.glob("*.npy"))

    def check_folder(self, path: Path, files: Sequence[Path]) -> None:
        """Refuse a folder that holds other arrays, which would be taken for attributes.

        Raises:
            InputError: naming one of them.
        """
        strays = set(path.parent.glob("*.npy")) - set(files)
        if strays:
            raise InputError(
                f"its folder holds {min(strays).name} too; name a new folder", path=path
            )


def _cloud(path: Path, label_field: str | None, *, strict: bool) -> PointCloud:
    """The points of a scene; where not ``strict``, the array of labels may hold anything."""
    arrays, problem = _load(path)
    if strict and problem is not None and label_field not in arrays:
        raise InputError(problem)
    names = sorted(name for name in arrays if name.startswith(SEGMENT))
    wanted = label_field or next(iter(names), None)
    label = label_name([name for name in arrays if name != COORD], wanted)
    attributes = {
        name if name == label else OURS.get(name, name): _flat(native(values))
        for name, values in arrays.items()
        if name != COORD
    }
    labels = take_labels(attributes, label, named=strict)
    xyz = arrays[COORD].astype(np.float64)
    cloud = PointCloud(xyz, attributes, labels, label_field=label, label_problem=problem)
    return _with_instances(cloud)


def _with_instances(cloud: PointCloud) -> PointCloud:
    """The cloud with the objects of its attribute of that name, which stays only if it is odd."""
    values = cloud.attributes.get(INSTANCE)
    if values is None or values.ndim != 1 or values.dtype.kind not in "iu":
        return cloud
    ids = values.astype(np.int64) + 1
    if ids.min(initial=0) < 0 or ids.max(initial=0) > HIGHEST_INSTANCE:
        return cloud
    others = {name: held for name, held in cloud.attributes.items() if name != INSTANCE}
    return replace(cloud, attributes=others, instances=ids)


def _flat(values: NDArray[Any]) -> NDArray[Any]:
    """A column (N, 1) as (N,)."""
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values


def _load(path: Path) -> tuple[dict[str, NDArray[Any]], str | None]:
    """The arrays of a scene: coordinates, and all with a number for each of them.

    Returns:
        The arrays, and why one of labels is not among them, or None.

    Raises:
        InputError: if one of others is damaged, or has another number of rows.
    """
    coord = _array(path)
    if coord.ndim != 2 or coord.shape[1] != 3 or coord.dtype.kind not in "iuf":
        raise InputError(f"holds {coord.dtype} of shape {coord.shape}; wanted coordinates (N, 3)")
    arrays, problem = {COORD: coord}, None
    for other in sorted(path.parent.glob("*.npy")):
        if other.name.lower() == path.name.lower():
            continue
        if other.stem.startswith(SEGMENT):
            values, wrong = labels_beside(other, _array, len(coord))
            problem = problem or wrong
        else:
            values = _array(other)
        if values is None or values.dtype.kind not in "biuf" or values.ndim == 0:
            continue
        if len(values) != len(coord):
            raise InputError(
                f"has {len(values):,} rows for the {len(coord):,} points of {path}; wanted one "
                "a point",
                path=other,
            )
        arrays[other.stem] = values
    return arrays, problem


def _array(path: Path) -> NDArray[Any]:
    with naming(path):
        return parse_array(path.read_bytes())


def _has(scene: Path, name: str | None) -> bool:
    return name is not None and scene.with_name(f"{name}.npy").is_file()


def _new(path: Path, cloud: PointCloud) -> dict[Path, NDArray[Any]]:
    """Attributes, and labels as ``segment``, by the file each goes to."""
    taken = (COORD,) if cloud.labels is None else (COORD, SEGMENT)
    new = _minus_one(additions(cloud, ()))
    named = {THEIRS.get(name, name): values for name, values in new.items()}
    arrays = {
        f"{name}_original" if name in taken else name: values for name, values in named.items()
    }
    if cloud.labels is not None:
        arrays[SEGMENT] = new_labels(cloud.labels)
    return {_place(path, name): values for name, values in arrays.items()}


def _minus_one(columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Columns with our ids of objects as theirs."""
    ours = columns.get(INSTANCE)
    if ours is None or ours.dtype != np.uint32:
        return columns
    theirs = ours.astype(np.int64) - 1
    small = theirs.max(initial=0) < 2**31
    return columns | {INSTANCE: theirs.astype(np.int32) if small else theirs}


def _changed(path: Path, cloud: PointCloud, source: PointCloud, like: Path) -> dict[Path, bytes]:
    """The files of new labels, in the shape and type of the old, and of what the scene lacks."""
    new = _minus_one(additions(cloud, source.attributes))
    if same_instances(source, cloud):
        new.pop(INSTANCE, None)
    if cloud.labels is not None:
        name = source.label_field or SEGMENT
        new[name] = cloud.labels
        if _has(like, name):
            old, _ = labels_beside(like.with_name(f"{name}.npy"), _array, len(cloud))
            if old is not None:
                new[name] = fit(cloud.labels, old.dtype, name).reshape(old.shape)
    return {_place(path, THEIRS.get(name, name)): _bytes(values) for name, values in new.items()}


def _place(path: Path, name: str) -> Path:
    if name in ("", ".", "..") or any(mark in name for mark in '/\\:*?"<>|\0'):
        raise InputError(f"attribute {name!r} cannot be the name of a file; rename it")
    return path.with_name(f"{name}.npy")


def _bytes(values: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    npy.write_array(stream, np.ascontiguousarray(values), allow_pickle=False)
    return stream.getvalue()
