"""The table of scan formats by suffix, and the verbs that dispatch on it."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError, InputWarning
from volseg.geometry.points import CONFIDENCES, PointCloud
from volseg.io.atomic import check_target
from volseg.io.naming import naming
from volseg.io.scans.crs import assigned, crs_name
from volseg.io.scans.fields import flatten, true_labels
from volseg.io.scans.header_words import NAME_BYTES, names_within, plain_names, to_bytes
from volseg.io.scans.instances import take_instances


@dataclass(frozen=True)
class Format:
    """A kind of scan file.

    Attributes:
        name: what people call it.
        module: the module of this package that reads and writes it, loaded when needed.
        suffixes: how their paths end, in lower case; ``/`` stands for a whole file name.
        copies: suffix of labelled copies where volseg does not write the kind itself.
        beside: what such files may hold beside points, which no other kind takes over.
    """

    name: str
    module: str
    suffixes: tuple[str, ...]
    copies: str | None = None
    beside: str = ""

    def codec(self) -> Any:
        """Its module: ``read(path, label_field)`` and ``write(path, cloud, like, overwrite)``.

        Where a scan is several files, ``beside(path)`` names the others.
        """
        return importlib.import_module(f"volseg.io.scans.{self.module}")


TEXT = (".xyz", ".txt", ".csv", ".asc", ".pts", ".xyz_label_conf")
TEXTS = TEXT + tuple(suffix + ".gz" for suffix in TEXT)
# The file of its folder that a scene of Pointcept's is called by.
SCENE = "coord.npy"
# Modules of the kinds that say which coordinate system they are in.
NAME_SYSTEMS = ("las.codec", "npz")
# Modules of the kinds whose fields have names of one ASCII word.
OF_WORDS = ("ply.codec", "pcd.codec", "text")
# Bytes that the number of a column may add to the name of an attribute.
INDEX = 4
LAS_RECORDS = "header fields, variable length records, and waveforms"
# A longer suffix stands before the shorter one it ends with.
FORMATS = (
    Format("COPC", "las.codec", (".copc.laz",), ".laz", "levels of its octree"),
    Format("LAZ", "las.codec", (".laz",), None, LAS_RECORDS),
    Format("LAS", "las.codec", (".las",), None, LAS_RECORDS),
    Format("PLY", "ply.codec", (".ply",), None, "comments, lists, and elements other than vertex"),
    Format("PCD", "pcd.codec", (".pcd",), None, "comments, viewpoint, and rows of an image"),
    Format("E57", "e57", (".e57",), ".ply", "pictures, poses of scans, and invalid points"),
    Format("KITTI", "kitti", (".bin",)),
    Format("NPZ", "npz", (".npz",), None, "arrays of other lengths"),
    Format("Pointcept", "pointcept", (f"/{SCENE}",), None, "arrays that are no numbers"),
    Format("text", "text", TEXTS, None, "comments, and columns of words"),
)
# Files of labels alone, of KITTI and Semantic3D.
LABELS_ALONE = (".label", ".labels")


def scan_suffixes() -> tuple[str, ...]:
    """The suffixes of the files `read` takes, in lower case, with their dots."""
    return tuple(suffix for kind in FORMATS for suffix in kind.suffixes)


def is_scan(path: Path | str) -> bool:
    """Whether a path ends like a scan, or is a folder that is one."""
    return _ending(scan_file(path)).endswith(scan_suffixes())


def scan_file(path: Path | str) -> Path:
    """The file a scan is called by: of Pointcept's folders, the coordinates in it."""
    path = Path(path)
    inside = path / SCENE
    return inside if path.is_dir() and inside.is_file() else path


def files_of(path: Path) -> list[Path]:
    """The files a scan is read from: its own, and those with its labels and other arrays."""
    path = scan_file(path)
    beside = getattr(find_format(path).codec(), "beside", None)
    others = [] if beside is None else beside(path)
    return [path, *(one for one in others if one != path and one.is_file())]


def _ending(path: Path) -> str:
    return f"/{path.name}".lower()


def scan_stem(path: Path | str) -> str:
    """What a scan is called: ``tile`` of ``tile.copc.laz``, ``hall`` of ``hall/coord.npy``."""
    path = scan_file(path)
    for suffix in (*scan_suffixes(), *LABELS_ALONE):
        if _ending(path).endswith(suffix):
            return path.name[: -len(suffix)] or path.absolute().parent.name
    return path.name


def is_text(path: Path) -> bool:
    """Whether a scan is text, whose columns may be named."""
    return is_scan(path) and find_format(path).module == "text"


def labelled_by(path: Path | str) -> str | None:
    """What a scan's file says gave its labels, as models sign; None where it says nothing.

    Raises:
        InputError: if the file is missing or damaged.
    """
    path = scan_file(path)
    if not is_scan(path):
        return None
    with naming(path):
        signer = getattr(find_format(path).codec(), "labelled_by", None)
        return None if signer is None else signer(path)


def find_format(path: Path) -> Format:
    """The format of a path by its suffix.

    Raises:
        InputError: if there is none.
    """
    for kind in FORMATS:
        if _ending(scan_file(path)).endswith(kind.suffixes):
            return kind
    raise InputError(
        f"{path.suffix!r} is no scan format volseg knows; it knows {' '.join(scan_suffixes())}",
        path=path,
    )


def read(
    path: Path | str,
    *,
    label_field: str | None = None,
    crs: str | None = None,
    columns: Sequence[str] | None = None,
) -> PointCloud:
    """Read a scan: coordinates as stored, every attribute by name, labels where there are any.

    Args:
        path: the file; its suffix tells the format.
        label_field: the field that holds the labels; by default ``classification`` in LAS, else
            the first of the usual names the file has.
        crs: coordinate reference system as WKT, in place of what the file says;
            `volseg.io.scans.crs.chosen` makes it of a name or a unit.
        columns: of text, names of the first columns in their order, in place of its own.

    Raises:
        InputError: if the file is missing, damaged, of another kind than its suffix says, or
            lacks the label field.
    """
    path = scan_file(path)
    with naming(path):
        kind = find_format(path)
        cloud = kind.codec().read(path, label_field, **_named(kind, columns))
        return assigned(take_instances(cloud), crs)


def _named(kind: Format, columns: Sequence[str] | None) -> dict[str, Sequence[str]]:
    """The argument that names columns, for the one kind that takes it."""
    if columns is None:
        return {}
    if kind.module != "text":
        raise InputError(f"is {kind.name}, whose fields have names; --columns goes with text")
    return {"columns": columns}


def read_labels(
    path: Path | str, label_field: str | None = None
) -> tuple[NDArray[np.int64] | None, int]:
    """Labels of a scan, or of KITTI's or Semantic3D's file of labels alone, and their number.

    Returns:
        int64 (N,), or None where the scan has no labels, and N.

    Raises:
        InputError: as `read`.
    """
    path = Path(path)
    if path.suffix.lower() == ".label":
        from volseg.io.scans.kitti import read_label_file

        with naming(path):
            labels, _ = read_label_file(path)
        return labels, len(labels)
    if path.suffix.lower() == ".labels":
        from volseg.io.scans import semantic3d

        labels = semantic3d.read_label_file(path)
        return labels, len(labels)
    cloud = read(path, label_field=label_field)
    with naming(path):
        return true_labels(cloud), len(cloud)


def write(
    path: Path | str,
    cloud: PointCloud,
    *,
    like: Path | str | None = None,
    overwrite: bool = False,
    columns: Sequence[str] | None = None,
) -> list[Path]:
    """Write a scan, whole or not at all.

    With ``like`` of the same format, the output is that file with nothing changed but the
    labels (its own label field, else the usual one of its format, added), the confidence
    (float32 ``confidence``; ``confidence_predicted`` where the file has one of its own), ids of
    objects that are new (uint32 ``instance``), and attributes it lacks. Otherwise the output is a
    new file of what the cloud holds.

    Args:
        path: where to write; its suffix tells the format.
        cloud: the points, in the order of ``like``.
        like: the scan the cloud was read from.
        overwrite: replace an existing file.
        columns: as in `read`, of ``like``.

    Returns:
        The files written.

    Raises:
        InputError: if the target exists or cannot be written, ``like`` has another number of
            points, or the format cannot hold the labels.
    """
    path = Path(path)
    with naming(path):
        kind = find_format(path)
        if kind.copies is not None:
            raise InputError(f"volseg writes no {kind.name}; name the output {output_name(path)}")
        check_target(path, overwrite=overwrite)
        source = None if like is None else scan_file(like)
        if source is not None and find_format(source).module != kind.module:
            source = None
        named = {} if source is None else _named(kind, columns)
        _tell_losses(path, cloud, kind, source)
        written: list[Path] = kind.codec().write(path, cloud, source, overwrite, **named)
        return written


def _tell_losses(path: Path, cloud: PointCloud, kind: Format, source: Path | None) -> None:
    """Say what of a labelled scan a file cannot have, or may not have any more."""
    remarks: list[str] = []
    las = kind.module == "las.codec"
    outdated = [name for name in cloud.outdated if name in CONFIDENCES]
    if outdated and cloud.confidence is None and (source is None or not las):
        made = "left out" if source is None else "NaN now"
        remarks.append(f"the {outdated[0]} of the classes before is {made}")
    if source is None and kind.module in OF_WORDS:
        remarks += _renamed("one word each", plain_names(cloud.attributes))
    if las:
        names = cloud.attributes
        long = {one: names[one] for one in names if len(to_bytes(one)) > NAME_BYTES - INDEX}
        shorter = names_within(flatten(long), NAME_BYTES, list(names))
        remarks += _renamed(f"at most {NAME_BYTES} bytes each", shorter)
    if cloud.crs is not None and source is None and kind.module not in NAME_SYSTEMS:
        name = crs_name(cloud.crs)
        remarks.append(f"{kind.name} does not hold the coordinate system {name}; note it elsewhere")
    for remark in remarks:
        warnings.warn(InputWarning(remark, path=path), stacklevel=3)


def _renamed(what: str, names: Mapping[str, str]) -> list[str]:
    words = [f"{name!r} by {made!r}" for name, made in names.items() if name != made]
    return [f"fields go by {what}, {', '.join(words)}"] if words else []


def check_place(path: Path, files: Sequence[Path]) -> None:
    """Refuse to put the files of a scan where others would be taken for its own.

    Raises:
        InputError: if a folder for a scene of Pointcept's holds arrays beside them.
    """
    strays = set(path.parent.glob("*.npy")) - set(files) if path.name.lower() == SCENE else ()
    if strays:
        raise InputError(f"its folder holds {min(strays).name} too; name a new folder", path=path)


def output_name(source: Path | str) -> str:
    """Name of a labelled copy: the same, but of kinds volseg does not write.

    Pointcept's scans are called by their folders, so theirs is ``hall/coord.npy``.
    """
    path = scan_file(source)
    for kind in FORMATS:
        for suffix in kind.suffixes:
            if kind.copies is not None and _ending(path).endswith(suffix):
                return path.name[: -len(suffix)] + kind.copies
    return f"{scan_stem(path)}/{path.name}" if path.name.lower() == SCENE else path.name
