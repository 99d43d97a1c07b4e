"""One format to another: what is lost is known by reading back what was written."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

from volseg.errors import InputError, InputWarning
from volseg.geometry.points import PointCloud
from volseg.io.atomic import check_target, make_folder
from volseg.io.scans.differences import differences
from volseg.io.scans.files import read, write
from volseg.io.scans.formats import find_scan_format, scan_file
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
    kind = find_scan_format(target)
    make_folder(target.parent)
    check_target(target, overwrite=overwrite)
    if target.exists() and target.samefile(source):
        raise InputError("would replace the scan itself; name another file", path=target)
    cloud = read(source, label_field=label_field, columns=columns)
    with tempfile.TemporaryDirectory(prefix=".", suffix=".part", dir=target.parent) as folder:
        draft = Path(folder) / target.name
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)  # losses are measured
            try:
                files = write(draft, cloud, like=source, columns=columns)
            except InputError as error:
                path = target if error.path == draft else error.path
                raise InputError(error.message, path=path) from None
            for loss in _losses(source, cloud, draft, columns):
                progress.note(f"{target} does not hold {loss}")
        targets = [target.with_name(file.name) for file in files]
        kind.codec().check_folder(target, targets)
        for path in targets:
            check_target(path, overwrite=overwrite)
        for file, path in zip(files, targets, strict=True):
            file.replace(path)
    return targets


def _losses(
    source: Path, cloud: PointCloud, draft: Path, columns: Sequence[str] | None
) -> list[str]:
    """What of a scan, and of its cloud, a file written of it does not hold, a phrase each."""
    kind = find_scan_format(source)
    same = kind.shares_codec(find_scan_format(draft))
    field, names = (cloud.label_field, columns) if same else (None, None)
    losses = differences(cloud, read(draft, label_field=field, columns=names))
    if kind.extras and (not same or kind.copies is not None):
        losses.append(f"{kind.extras}, if there are any")
    if cloud.label_problem is not None:
        losses.append(f"labels: {cloud.label_problem}")
    return losses
