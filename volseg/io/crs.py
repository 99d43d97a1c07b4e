"""What a coordinate reference system says about units."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING

from volseg.errors import InputError

if TYPE_CHECKING:
    import pyproj

Units = tuple[float, float, float]
METRES: Units = (1.0, 1.0, 1.0)
# GeoTIFF keys (OGC 19-008r4), and the EPSG codes of the linear units they name.
GEOGRAPHIC, PROJECTED, LINEAR_UNITS, VERTICAL, VERTICAL_UNITS = 2048, 3072, 3076, 4096, 4099
LINEAR = {9001: 1.0, 9002: 0.3048, 9003: 1200 / 3937}


def metres_per_unit(wkt: str | None) -> Units | None:
    """Metres in one unit of x, y and z; None where x and y are angles; 1 without a CRS.

    Heights are in the unit of the vertical part, or of x where there is none.

    Raises:
        InputError: if the text is not a CRS.
    """
    return METRES if wkt is None else _units(wkt)


@lru_cache(maxsize=64)
def _units(wkt: str) -> Units | None:
    crs = _parse(wkt)
    parts = [_bare(part) for part in crs.sub_crs_list or [crs]]
    if parts[0].is_geographic:
        return None
    factors = [axis.unit_conversion_factor for part in parts for axis in part.axis_info]
    if len(factors) < 2:
        raise InputError(f"its coordinate reference system {crs.name!r} has no horizontal axes")
    return factors[0], factors[1], factors[2] if len(factors) > 2 else factors[0]


@lru_cache(maxsize=64)
def crs_name(wkt: str) -> str:
    """The name a CRS goes by."""
    return str(_parse(wkt).name)


def same_crs(wkt: str, other: str) -> bool:
    """Whether two CRS give one place the same coordinates, whatever they are called."""
    return wkt == other or bool(_parse(wkt) == _parse(other))


def _parse(wkt: str) -> pyproj.CRS:
    import pyproj

    try:
        crs = pyproj.CRS.from_wkt(wkt)
    except pyproj.exceptions.CRSError:
        raise InputError(
            f"its coordinate reference system cannot be understood ({wkt[:60]!r}); assign a valid "
            "one, so that its unit is known"
        ) from None
    return _bare(crs)


def _bare(crs: pyproj.CRS) -> pyproj.CRS:
    """The CRS inside a bound one, which only adds a datum shift."""
    return crs.source_crs if crs.is_bound and crs.source_crs is not None else crs


def from_geokeys(body: bytes) -> tuple[str | None, Units | None]:
    """CRS and units of a GeoTIFF key directory, as LAS before 1.4 names them.

    Returns:
        WKT, or None where no EPSG code is given, and metres per unit as `metres_per_unit`.
    """
    keys = {
        key: value
        for key, location, _, value in struct.iter_unpack("<4H", body[8 : len(body) // 8 * 8])
        if location == 0
    }
    wkt = _from_codes(*(_epsg(keys.get(key)) for key in (PROJECTED, GEOGRAPHIC, VERTICAL)))
    x, y, z = METRES
    if wkt is not None:
        units = metres_per_unit(wkt)
        if units is None:
            return wkt, None
        x, y, z = units
    elif keys.get(LINEAR_UNITS) in LINEAR:
        x = y = z = LINEAR[keys[LINEAR_UNITS]]
    if keys.get(VERTICAL_UNITS) in LINEAR:
        z = LINEAR[keys[VERTICAL_UNITS]]
    return wkt, (x, y, z)


def _epsg(code: int | None) -> int | None:
    return code if code is not None and 1024 <= code <= 32766 else None


def _from_codes(projected: int | None, geographic: int | None, vertical: int | None) -> str | None:
    import pyproj

    horizontal = projected or geographic
    if horizontal is None:
        return None
    try:
        crs = pyproj.CRS.from_epsg(horizontal)
    except pyproj.exceptions.CRSError:
        raise InputError(f"names EPSG:{horizontal}, which is no known CRS; correct it") from None
    if vertical is not None:
        try:
            height = pyproj.CRS.from_epsg(vertical)
            crs = pyproj.crs.CompoundCRS(f"{crs.name} + {height.name}", [crs, height])
        except pyproj.exceptions.CRSError:
            pass  # old files put datum codes here, which say nothing about units
    return str(crs.to_wkt())
