"""The ground under scans: marked in them, and as a raster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from volseg.errors import InputError
from volseg.geometry.ground.raster import GroundRaster, RasterBuilder
from volseg.geometry.points import GROUND
from volseg.io.atomic import check_target
from volseg.io.scans.crs import chosen, same_crs
from volseg.io.scans.geotiff import require_rasterio, write_geotiff
from volseg.io.scans.pieces import Pieces
from volseg.predict.scans.ground import mark_ground
from volseg.predict.scans.job import ScanJob, ScanOptions
from volseg.progress import SILENT, Progress

REACH = 100
"""Cells of the widest gaps that a raster of the ground bridges, unless told otherwise."""


def ground(
    source: Path | str,
    target: Path | str,
    *,
    crs: str | None = None,
    columns: Sequence[str] | None = None,
    overwrite: bool = False,
    progress: Progress = SILENT,
) -> list[Path]:
    """Mark the ground of a scan, found from its points alone: no model, no training.

    The copy's classes are those of LAS: 2 for ground, 7 and 18 for noise below it and high above
    everything, 1 for all else. `volseg ground` does many files, and has adjoining scans see each
    other.

    Args:
        source: the scan.
        target: where the copy goes, with all else of the scan untouched.
        crs: its coordinate system, such as ``EPSG:25832``, in place of the file's.
        columns: of a scan in text: what its columns are, in order.
        overwrite: replace an existing target.
        progress: told how far it is.

    Returns:
        The files written.

    Raises:
        InputError: if the scan cannot be used, or the target exists.

    Example:
        >>> [path.name for path in vs.ground("tile.laz", "ground.laz")]
        ['ground.laz']
        >>> sorted(vs.info("ground.laz").classes)
        [1, 2]
    """
    job = ScanJob(Path(source), Path(target))
    options = ScanOptions(
        crs=chosen(crs, None),
        columns=None if columns is None else tuple(columns),
        overwrite=overwrite,
    )
    (job,) = mark_ground([job], options, progress=progress)
    if job.error is not None:
        raise job.error
    return job.written


def dtm(
    scans: Path | str | Sequence[Path | str],
    target: Path | str,
    *,
    cell: float = 1.0,
    reach: float | None = None,
    classes: Sequence[int] = (GROUND,),
    label_field: str | None = None,
    crs: str | None = None,
    columns: Sequence[str] | None = None,
    overwrite: bool = False,
    progress: Progress = SILENT,
) -> GroundRaster:
    """Write the terrain under scans, a height a cell, from their points called ground.

    Heights are linear within triangles between the cells that hold ground, in the scans' own unit
    and coordinate system; lines of the raster are multiples of its cell, so that rasters of
    neighbours fit. Memory: 32 bytes a cell.

    Args:
        scans: one, or several that become one raster.
        target: a GeoTIFF; needs the extra ``raster``.
        cell: edge of a cell, in the unit of x and y.
        reach: how wide gaps are that are bridged, in the same unit: the diameter of a triangle's
            circumcircle; 100 cells if not given.
        classes: ids of the ground in the scans; 2 as in LAS if not given.
        label_field: the field that holds the classes.
        crs: their coordinate system, in place of the files'.
        columns: of scans in text: what their columns are, in order.
        overwrite: replace an existing target.
        progress: told how many scans are read.

    Returns:
        The terrain as written.

    Raises:
        InputError: if a scan cannot be used, has no point of these classes, or names another
            coordinate system than the first; or if the target exists.

    Example:
        >>> vs.dtm("tile.laz", "dtm.tif", cell=2).height.shape
        (10, 15)
    """
    target = Path(target)
    paths = [Path(scans)] if isinstance(scans, Path | str) else [Path(scan) for scan in scans]
    check_target(target, overwrite=overwrite)
    require_rasterio()
    builder, system = RasterBuilder(cell), chosen(crs, None)
    names = None if columns is None else tuple(columns)
    first: str | None = None
    for number, path in enumerate(paths):
        progress.work("reading scans", number, len(paths))
        found = _add_ground(builder, Pieces(path, label_field, system, names), classes)
        if number and not same_crs(first, found):
            raise InputError(
                f"its coordinate system is another than that of {paths[0].name}; reproject one, or "
                "make a raster of each",
                path=path,
            )
        first = first if number else found
    progress.work("reading scans", len(paths), len(paths))
    terrain = builder.raster(REACH * cell if reach is None else reach)
    write_geotiff(
        target, terrain.height, west=terrain.west, north=terrain.north, cell=cell, crs=first,
        overwrite=overwrite,
    )  # fmt: skip
    return terrain


def _add_ground(builder: RasterBuilder, scan: Pieces, classes: Sequence[int]) -> str | None:
    """Take the ground of a scan; its coordinate system."""
    found = 0
    for cloud in scan:
        if cloud.metres_per_unit is None:
            raise InputError("its x and y are angles; reproject it to metres", path=scan.path)
        if cloud.labels is not None:
            ground = np.isin(cloud.labels, classes)
            builder.add(cloud.xyz[ground])
            found += int(ground.sum())
    if not found:
        ids = ", ".join(map(str, classes))
        raise InputError(
            f"has no point of class {ids}; mark its ground with `volseg ground` or a model first",
            path=scan.path,
        )
    return cloud.crs
