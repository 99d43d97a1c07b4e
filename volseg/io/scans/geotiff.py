"""Rasters of scans as GeoTIFF, in the coordinate system of the scans."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError, InputWarning
from volseg.io.atomic import replacing

NO_DATA = -9999.0
"""What cells without a height hold, and the file says so."""

TILE = 256


def require_rasterio() -> None:
    """Raise an `InputError` that names the extra, where rasterio is missing."""
    try:
        import rasterio  # noqa: F401
    except ImportError:
        raise InputError(
            "GeoTIFF needs rasterio; install it with: pip install 'volseg[raster]'"
        ) from None


def write_geotiff(
    path: Path,
    values: NDArray[np.float32],
    *,
    west: float,
    north: float,
    cell: float,
    crs: str | None,
    overwrite: bool = False,
) -> None:
    """Write a raster, deflated in tiles.

    Args:
        path: where to write.
        values: float32 (Y, X), northern row first; NaN where there is none.
        west: x of its western edge.
        north: y of its northern edge.
        cell: edge of a cell, in the unit of x and y.
        crs: coordinate reference system as WKT, or None.
        overwrite: replace an existing file.

    Raises:
        InputError: if rasterio is missing, or the file exists or cannot be written.
    """
    require_rasterio()
    from rasterio.io import MemoryFile
    from rasterio.transform import from_origin

    rows, columns = values.shape
    with replacing(path, overwrite=overwrite) as stream, MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=columns, height=rows, count=1, dtype="float32", nodata=NO_DATA,
            crs=_system(crs, path), transform=from_origin(west, north, cell, cell),
            tiled=True, blockxsize=TILE, blockysize=TILE,
            compress="deflate", predictor=3, bigtiff="if_safer",
        ) as raster:  # fmt: skip
            raster.write(np.where(np.isnan(values), np.float32(NO_DATA), values), 1)
        stream.write(memory.getbuffer())


def _system(crs: str | None, path: Path) -> object:
    """The coordinate system as rasterio knows it; an `InputWarning` where it does not."""
    from rasterio.crs import CRS
    from rasterio.errors import CRSError

    if crs is None:
        return None
    try:
        return CRS.from_wkt(crs)
    except CRSError as error:
        text = f"is written without its coordinate system, which GeoTIFF cannot hold: {error}"
        warnings.warn(InputWarning(text, path=path), stacklevel=3)
        return None
