"""The table of scan formats by suffix, and the verbs that dispatch on it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import PointCloud
from volseg.io.atomic import check_target
from volseg.io.naming import naming


@dataclass(frozen=True)
class Format:
    """A kind of scan file.

    Attributes:
        name: what people call it.
        module: the module of this package that reads and writes it, loaded when needed.
        suffixes: how its files end, in lower case.
    """

    name: str
    module: str
    suffixes: tuple[str, ...]

    def codec(self) -> Any:
        """Its module: ``read(path, label_field)`` and ``write(path, cloud, like, overwrite)``."""
        return importlib.import_module(f"volseg.io.{self.module}")


TEXT = (".xyz", ".txt", ".csv", ".asc", ".pts", ".xyz_label_conf")
# A longer suffix stands before the shorter one it ends with.
FORMATS = (
    Format("COPC", "las", (".copc.laz",)),
    Format("LAZ", "las", (".laz",)),
    Format("LAS", "las", (".las",)),
    Format("PLY", "ply", (".ply",)),
    Format("KITTI", "kitti", (".bin",)),
    Format("NPZ", "npz", (".npz",)),
    Format("text", "text", TEXT + tuple(suffix + ".gz" for suffix in TEXT)),
)


def scan_suffixes() -> tuple[str, ...]:
    """The suffixes of the files `read` takes, in lower case, with their dots."""
    return tuple(suffix for kind in FORMATS for suffix in kind.suffixes)


def is_scan(path: Path | str) -> bool:
    """Whether a path ends like a scan file."""
    return Path(path).name.lower().endswith(scan_suffixes())


def scan_stem(path: Path | str) -> str:
    """File name without a scan's suffix: ``tile`` of ``tile.copc.laz``, ``0`` of ``0.label``."""
    name = Path(path).name
    for suffix in (*scan_suffixes(), ".label"):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def find_format(path: Path) -> Format:
    """The format of a path by its suffix.

    Raises:
        InputError: if there is none.
    """
    name = path.name.lower()
    for kind in FORMATS:
        if name.endswith(kind.suffixes):
            return kind
    raise InputError(
        f"{path.suffix!r} is no scan format volseg knows; it knows {' '.join(scan_suffixes())}",
        path=path,
    )


def read(path: Path | str, *, label_field: str | None = None) -> PointCloud:
    """Read a scan: coordinates as stored, every attribute by name, labels where there are any.

    Args:
        path: the file; its suffix tells the format.
        label_field: the field that holds the labels; by default ``classification`` in LAS, else
            the first of the usual names the file has.

    Raises:
        InputError: if the file is missing, damaged, of another kind than its suffix says, has
            coordinates that are not finite, or lacks the label field.
    """
    path = Path(path)
    with naming(path):
        return find_format(path).codec().read(path, label_field)  # type: ignore[no-any-return]


def read_labels(
    path: Path | str, label_field: str | None = None
) -> tuple[NDArray[np.int64] | None, int]:
    """Labels of a scan, or of a bare KITTI ``.label`` file, and the number of its points.

    Returns:
        int64 (N,), or None where the scan has no labels, and N.

    Raises:
        InputError: as `read`.
    """
    path = Path(path)
    if path.suffix.lower() == ".label":
        from volseg.io.kitti import read_label_file

        with naming(path):
            labels, _ = read_label_file(path)
        return labels, len(labels)
    cloud = read(path, label_field=label_field)
    return cloud.labels, len(cloud)


def write(
    path: Path | str, cloud: PointCloud, *, like: Path | str | None = None, overwrite: bool = False
) -> list[Path]:
    """Write a scan, whole or not at all.

    With ``like`` of the same format, the output is that file with nothing changed but the
    labels (its own label field, else the usual one of its format, added), the confidence
    (float32 ``confidence``; ``confidence_predicted`` where the file has one of its own), and
    attributes it lacks. Otherwise the output is a new file of what the cloud holds.

    Args:
        path: where to write; its suffix tells the format.
        cloud: the points, in the order of ``like``.
        like: the scan the cloud was read from.
        overwrite: replace an existing file.

    Returns:
        The files written.

    Raises:
        InputError: if the target exists or cannot be written, ``like`` has another number of
            points, or the format cannot hold the labels.
    """
    path = Path(path)
    with naming(path):
        kind = find_format(path)
        if kind.name == "COPC":
            raise InputError(f"volseg writes no COPC; name the output {output_name(path)}")
        check_target(path, overwrite=overwrite)
        source = None if like is None else Path(like)
        if source is not None and find_format(source).module != kind.module:
            source = None
        written: list[Path] = kind.codec().write(path, cloud, source, overwrite)
        return written


def output_name(source: Path | str) -> str:
    """File name of a labelled copy: the same, but for COPC, whose octree a copy loses."""
    name = Path(source).name
    stem = name[: -len(".copc.laz")]
    return f"{stem}.laz" if name.lower().endswith(".copc.laz") else name
