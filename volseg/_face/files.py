"""Files of both kinds: what is read, written, told, turned into voxels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from volseg import geometry, io
from volseg.errors import InputError
from volseg.geometry import PointCloud, Volume, VoxelGrid
from volseg.geometry.assumed import require_metres
from volseg.io import ScanInfo, VolumeInfo
from volseg.io.atomic import check_target
from volseg.io.kinds import holds_scan
from volseg.io.scans.crs import chosen
from volseg.io.scans.pieces import placed_points

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read(
    path: Path | str,
    *,
    labels: bool = False,
    label_field: str | None = None,
    crs: str | None = None,
    columns: Sequence[str] | None = None,
) -> Any:
    """Read a scan or a volume; its suffix says which.

    Args:
        path: the file; of DICOM and Pointcept also a folder.
        labels: volumes: read a label map, whole numbers exactly, in place of an image.
        label_field: scans: the field that holds the labels; the usual ones if not given.
        crs: scans: the coordinate system, such as ``EPSG:25832``, in place of the file's.
        columns: scans in text: what their columns are, in order.

    Returns:
        A `PointCloud`: float64 coordinates (N, 3) in the file's unit, attributes by name, labels
        int64 (N,). Or a `Volume`: float32 (C, X, Y, Z), with ``labels`` integers (1, X, Y, Z), and
        the affine to millimetres.

    Raises:
        InputError: if the file is missing, damaged, of no known kind, or lacks the field; or if
            what is for scans alone is given with a volume, or the other way round.

    Example:
        >>> cloud = vs.read("tile.laz")
        >>> cloud.xyz.shape, sorted(set(cloud.labels.tolist()))
        ((4000, 3), [2, 6])
        >>> vs.read("t1.nii.gz").array.shape
        (1, 16, 20, 12)
    """
    path = Path(path)
    if holds_scan(path):
        if labels:
            raise InputError("labels=True is for volumes; a scan has its labels in it", path=path)
        system = chosen(crs, None)
        return io.read(path, label_field=label_field, crs=system, columns=columns)
    if any(one is not None for one in (label_field, crs, columns)):
        raise InputError("is a volume; label_field, crs and columns are for scans", path=path)
    return io.read_label_volume(path) if labels else io.read_volume(path)


def write(
    path: Path | str,
    thing: PointCloud | Volume,
    *,
    like: Path | str | None = None,
    overwrite: bool = False,
) -> list[Path]:
    """Write a point cloud, or a volume of labels, whole or not at all.

    With ``like``, the file it was read from, a scan of the same format is that file with nothing
    changed but the labels and the attributes it lacks; a label map has its header.

    Args:
        path: where to write; its suffix tells the format.
        thing: a `PointCloud`, or a `Volume` of integers (1, X, Y, Z).
        like: the scan or the image it belongs to.
        overwrite: replace an existing file.

    Returns:
        The files written.

    Raises:
        InputError: if the target exists or cannot be written, ``like`` has other points or
            another grid, or the format cannot hold the labels.

    Example:
        >>> cloud = vs.read("tile.laz")
        >>> [path.name for path in vs.write("copy.ply", cloud)]
        ['copy.ply']
        >>> labels = vs.read("labels/case_000.nii.gz", labels=True)
        >>> [path.name for path in vs.write("copy.nii.gz", labels, like="t1.nii.gz")]
        ['copy.nii.gz']
    """
    path = Path(path)
    if isinstance(thing, PointCloud):
        return io.write(path, thing, like=like, overwrite=overwrite)
    if not isinstance(thing, Volume):
        raise InputError(
            f"is to hold a {type(thing).__name__}; wanted a cloud, a volume", path=path
        )
    if len(thing.array) > 1:
        raise InputError(
            f"a volume of {len(thing.array)} channels; wanted labels in one", path=path
        )
    io.write_label_volume(path, thing.array[0], like=like, affine=thing.affine, overwrite=overwrite)
    return [path]


def info(
    path: Path | str,
    *,
    label_field: str | None = None,
    columns: Sequence[str] | None = None,
    series: str | None = None,
) -> ScanInfo | VolumeInfo:
    """What a scan or a volume holds: size, place in the world, values, classes.

    Args:
        path: the file.
        label_field: scans: the field that holds the labels.
        columns: scans in text: what their columns are, in order.
        series: volumes: the DICOM series to take where a folder holds several.

    Raises:
        InputError: as `read`.

    Example:
        >>> vs.info("tile.laz").classes
        {2: 2000, 6: 2000}
        >>> vs.info("t1.nii.gz").spacing
        (1.0, 1.0, 1.5)
    """
    path = Path(path)
    if holds_scan(path):
        return io.describe(path, label_field=label_field, columns=columns)
    if label_field is not None or columns is not None:
        option = "--columns" if label_field is None else "--label-field"
        raise InputError(f"a volume has no fields; leave {option} out", path=path)
    if series is not None:
        from volseg.io.naming import naming
        from volseg.io.volumes.dicom import choose_series

        with naming(path):
            path = choose_series(path, series).files[0]
    return io.describe_volume(path)


def voxelize(
    source: PointCloud | Path | str,
    size: float,
    target: Path | str | None = None,
    *,
    label_field: str | None = None,
    crs: str | None = None,
    columns: Sequence[str] | None = None,
    overwrite: bool = False,
) -> VoxelGrid:
    """Sort a scan into cubic voxels, and keep the way back to every point.

    The grid is the same for any order of the points, and adjoining scans share one lattice.

    Args:
        source: a scan, or its file.
        size: edge of a voxel in metres.
        target: an ``.npz`` file for the grid, the voxels' mean of every numeric attribute
            (``mean_NAME``), and their majority label (``labels``).
        label_field: of a file, as in `read`.
        crs: of a file, as in `read`.
        columns: of a file, as in `read`.
        overwrite: replace an existing target.

    Returns:
        The grid, whose ``inverse`` is -1 for points without coordinates.

    Raises:
        InputError: if the scan has fewer than two distinct positions, its unit is unknown, or
            the size is no positive number; or as `read`.

    Example:
        >>> grid = vs.voxelize("tile.laz", 0.5, "grid.npz")
        >>> grid.to_points(grid.counts).shape
        (4000,)
    """
    if isinstance(source, PointCloud):
        every, cloud = source, source.only_placed()
    else:
        path = Path(source)
        every = io.read(path, label_field=label_field, crs=chosen(crs, None), columns=columns)
        cloud = placed_points(every, path)
    if target is not None:
        check_target(Path(target), overwrite=overwrite)
    if len(cloud):
        require_metres(cloud)
    grid = geometry.voxelize(cloud, size)
    whole = grid if len(cloud) == len(every) else grid.among(every.placed)
    if target is not None:
        io.write_grid(Path(target), whole, _fields(grid, cloud), overwrite=overwrite)
    return whole


def _fields(grid: VoxelGrid, cloud: PointCloud) -> dict[str, NDArray[Any]]:
    """What voxels have of the attributes and labels of their points."""
    fields: dict[str, NDArray[Any]] = {
        f"mean_{name}": grid.mean(values)
        for name, values in cloud.attributes.items()
        if values.dtype.kind in "iufb"
    }
    if cloud.labels is not None:
        fields["labels"] = grid.majority(cloud.labels)
    return fields
