"""Files to scenes: a scan with its truth, a voxel grid, labels with their image and truth."""

from __future__ import annotations

import warnings
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np

from volseg.errors import InputError, InputWarning
from volseg.geometry import LabelMap, PointCloud
from volseg.geometry.volume import Volume
from volseg.io import (
    is_scan,
    is_volume,
    read,
    read_grid,
    read_label_volume,
    read_labels,
    read_volume,
    scan_suffixes,
    volume_suffixes,
)
from volseg.io.naming import naming
from volseg.io.scans.files import read_instances
from volseg.io.scans.formats import find_scan_format
from volseg.io.scans.pieces import placed_points, say_label_problem
from volseg.io.volumes.formats import find_volume_format, is_dicom
from volseg.view.palette import is_asprs
from volseg.view.scans.objects import read_rows
from volseg.view.scans.scene import ScanScene
from volseg.view.scene import Scene
from volseg.view.volumes.aligned import AlignedVolumes
from volseg.view.volumes.scene import VolumeScene

# Rows and columns of a picture as a place: columns run right, rows down.
PIXELS = np.array([[0.0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
# Of neighbouring voxels that are not the most frequent value, this share is equal in a label map.
ALIKE = 0.5


def open_scene(
    path: Path,
    *,
    truth: Path | None = None,
    image: Path | None = None,
    labels: LabelMap | None = None,
    label_field: str | None = None,
    columns: tuple[str, ...] | None = None,
    most: int,
) -> Scene:
    """A scan or a volume, ready to be drawn.

    Args:
        path: a scan, a voxel grid, a label map, or an image.
        truth: labels of the same points or voxels.
        image: of volumes, the image that the labels belong to.
        labels: names and colours of the classes.
        label_field: of scans, the field that holds the labels, of prediction and truth alike.
        columns: of ``path``, as in `volseg.io.read`.
        most: how many points are drawn at most.

    Raises:
        InputError: if a file cannot be read, or they do not belong together.
    """
    if is_scan(path):
        if image is not None:
            raise InputError("--image goes with label maps of volumes", path=path)
        return _scan(path, truth, labels, label_field, columns, most)
    if not (is_volume(path) or is_dicom(path)):
        raise InputError(_no_format(path), path=path)
    if label_field is not None or columns is not None:
        raise InputError("a volume has no fields; leave --label-field out", path=path)
    return _volume(path, truth, image, labels)


def _no_format(path: Path) -> str:
    if path.is_dir():
        return "is a folder of no DICOM files; name a file in it"
    known = " ".join((*scan_suffixes(), *volume_suffixes()))
    return f"{path.suffix!r} is no format volseg knows; it knows {known}"


def _scan(
    path: Path,
    truth: Path | None,
    labels: LabelMap | None,
    label_field: str | None,
    columns: tuple[str, ...] | None,
    most: int,
) -> ScanScene:
    cloud = _cloud(path, label_field if truth is None else None, columns)
    if cloud.crs_problem is not None:
        text = f"{cloud.crs_problem}: shown in the unit it is in"
        warnings.warn(InputWarning(text, path=path), stacklevel=2)
    say_label_problem(cloud, path)
    true, objects = None, None
    if truth is not None:
        true, many = read_labels(truth, label_field)
        if true is None:
            raise InputError("holds no labels", path=truth)
        if many != len(cloud):
            raise InputError(
                f"holds {many:,} labels, {path} {len(cloud):,} points; wanted one a point",
                path=truth,
            )
        objects = None if cloud.instances is None else read_instances(truth)
    if not cloud.placed.all():
        true = None if true is None else true[cloud.placed]
        objects = None if objects is None else objects[cloud.placed]
        cloud = placed_points(cloud, path)
    with naming(path):
        asprs = truth is not None and holds_asprs(truth, label_field)
        return ScanScene(
            path.name, cloud, truth=true, objects=objects, rows=read_rows(path), labels=labels,
            most=most, asprs=asprs,
        )  # fmt: skip


def holds_asprs(path: Path, label_field: str | None) -> bool:
    """Whether a scan's labels are the classification of LAS."""
    if label_field is not None:
        return is_asprs(label_field)
    return is_scan(path) and find_scan_format(path).codec().asprs_labels


def _cloud(path: Path, label_field: str | None, columns: tuple[str, ...] | None) -> PointCloud:
    """A scan, or the centres of a voxel grid that `volseg voxelize` wrote."""
    if path.suffix.lower() != ".npz" or not _is_grid(path):
        return read(path, label_field=label_field, columns=columns)
    grid, fields = read_grid(path)
    labels = fields.pop(label_field or "labels", None)
    means = {name.removeprefix("mean_"): values for name, values in fields.items()}
    return PointCloud(grid.centres(), {"points": grid.counts, **means}, labels)


def _is_grid(path: Path) -> bool:
    with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        return {"coords.npy", "inverse.npy"} <= set(archive.namelist())
    return False


def _volume(
    path: Path, truth: Path | None, image: Path | None, labels: LabelMap | None
) -> VolumeScene:
    ids = _labels(path, sure=image not in (None, path))
    picture = path if ids is None else image
    if ids is None and image is not None:
        raise InputError("is an image itself; --image goes with a label map", path=path)
    case = AlignedVolumes(
        path.name,
        labels=ids,
        truth=None if truth is None else _placed(truth, read_label_volume(truth)),
        image=None if picture is None else _placed(picture, read_volume(picture)),
        classes=labels,
        unit="mm" if find_volume_format(path).placed else "pixels",
    )
    return VolumeScene(case)


def _labels(path: Path, *, sure: bool) -> Volume | None:
    """The label map in a file, or None where it holds an image.

    In a label map a voxel mostly has the value of its neighbour; ``sure`` takes any whole numbers
    for one, as a network that has learnt little scatters classes.
    """
    try:
        volume = read_label_volume(path)
    except InputError:
        read_volume(path)  # says what is wrong where the file is no image either
        return None
    if sure:
        return _placed(path, volume)
    cells = volume.array[0]
    values, counts = np.unique(cells[:: max(1, len(cells) // 16)], return_counts=True)
    inner = cells[:-1] != values[np.argmax(counts)]
    alike = (cells[:-1] == cells[1:]) & inner
    return _placed(path, volume) if alike.sum() >= ALIKE * inner.sum() else None


def _placed(path: Path, volume: Volume) -> Volume:
    """The volume; a picture, which has no place in the world, lies as it is looked at."""
    placed = find_volume_format(path).placed
    return volume if placed else Volume(volume.array, PIXELS)
