"""Reading and writing scans of any format, which their suffix tells."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError, InputWarning
from volseg.geometry.points import CONFIDENCES, PointCloud
from volseg.io.atomic import check_target
from volseg.io.naming import naming
from volseg.io.scans.codec import ScanCodec
from volseg.io.scans.crs import assigned, crs_name
from volseg.io.scans.fields import flatten
from volseg.io.scans.formats import ScanFormat, find_scan_format, is_scan, output_name, scan_file
from volseg.io.scans.header_words import names_within, plain_names, to_bytes
from volseg.io.scans.instances import take_instances
from volseg.io.scans.labels import true_labels

INDEX = 4
"""Bytes that the number of a column may add to the name of an attribute."""


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
        codec = _codec(find_scan_format(path), columns)
        return assigned(take_instances(codec.read(path, label_field)), crs)


def _codec(kind: ScanFormat, columns: Sequence[str] | None) -> ScanCodec:
    codec = kind.codec()
    if columns is None:
        return codec
    if not codec.takes_columns:
        raise InputError(f"is {kind.name}, whose fields have names; --columns goes with text")
    return codec.with_columns(columns)


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


def read_instances(path: Path) -> NDArray[np.int64] | None:
    """Ids of a scan's objects, or of KITTI's file of labels alone, int64 (N,); None without.

    Raises:
        InputError: as `read`.
    """
    if path.suffix.lower() == ".label":
        from volseg.io.scans.kitti import read_label_file

        with naming(path):
            return read_label_file(path)[1]
    return None if path.suffix.lower() == ".labels" else read(path).instances


def labelled_by(path: Path | str) -> str | None:
    """What a scan's file says gave its labels, as models sign; None where it says nothing.

    Raises:
        InputError: if the file is missing or damaged.
    """
    path = scan_file(path)
    if not is_scan(path):
        return None
    with naming(path):
        return find_scan_format(path).codec().labelled_by(path)


def files_of(path: Path) -> list[Path]:
    """The files a scan is read from: its own, and those with its labels and other arrays."""
    path = scan_file(path)
    others = find_scan_format(path).codec().beside(path)
    return [path, *(other for other in others if other != path and other.is_file())]


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
        kind = find_scan_format(path)
        if kind.copies is not None:
            raise InputError(f"volseg writes no {kind.name}; name the output {output_name(path)}")
        check_target(path, overwrite=overwrite)
        source = None if like is None else scan_file(like)
        if source is not None and not find_scan_format(source).shares_codec(kind):
            source = None
        codec = _codec(kind, None if source is None else columns)
        _warn_of_losses(path, cloud, kind, source)
        return codec.write(path, cloud, source, overwrite)


def _warn_of_losses(path: Path, cloud: PointCloud, kind: ScanFormat, source: Path | None) -> None:
    """Say what of a labelled scan a file cannot have, or may not have any more."""
    remarks: list[str] = []
    codec, is_new = kind.codec(), source is None
    outdated = [name for name in cloud.outdated if name in CONFIDENCES]
    if outdated and cloud.confidence is None and (is_new or not codec.tells_outdated):
        fate = "left out" if is_new else "NaN now"
        remarks.append(f"the {outdated[0]} of the classes before is {fate}")
    if is_new and codec.one_word_names:
        remarks += _renamed("one word each", plain_names(cloud.attributes))
    if codec.longest_name is not None:
        names, longest = cloud.attributes, codec.longest_name
        long = {name: names[name] for name in names if len(to_bytes(name)) > longest - INDEX}
        shorter = names_within(flatten(long), longest, list(names))
        remarks += _renamed(f"at most {longest} bytes each", shorter)
    if is_new and cloud.crs is not None and not codec.names_systems:
        name = crs_name(cloud.crs)
        remarks.append(f"{kind.name} does not hold the coordinate system {name}; note it elsewhere")
    for remark in remarks:
        warnings.warn(InputWarning(remark, path=path), stacklevel=3)


def _renamed(rule: str, names: Mapping[str, str]) -> list[str]:
    words = [f"{name!r} by {made!r}" for name, made in names.items() if name != made]
    return [f"fields go by {rule}, {', '.join(words)}"] if words else []
