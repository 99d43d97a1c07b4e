"""What a coordinate reference system says about units."""

from __future__ import annotations

import struct
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import PointCloud

if TYPE_CHECKING:
    import pyproj

Units = tuple[float, float, float]
SHOWN = 60  # characters of a text that is no CRS
METRES: Units = (1.0, 1.0, 1.0)
# GeoTIFF keys (OGC 19-008r4), and the EPSG codes of the linear units they name.
GEOGRAPHIC, PROJECTED, LINEAR_UNITS, VERTICAL, VERTICAL_UNITS = 2048, 3072, 3076, 4096, 4099
LINEAR = {9001: 1.0, 9002: 0.3048, 9003: 1200 / 3937}
UNITS = {"m": ("metres", 1.0), "ft": ("feet", 0.3048), "us-ft": ("US survey feet", 1200 / 3937)}
"""What a user may call a unit, its name, and metres in one."""


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


def chosen(name: str | None, unit: str | None) -> str | None:
    """WKT of a CRS that a user names, or of a local one in a unit of `UNITS`; None of neither.

    Args:
        name: ``EPSG:25832`` or the like, or WKT.
        unit: the unit of x, y and z.

    Raises:
        InputError: if both are given, or the name is none that is known.
    """
    import pyproj

    if unit is not None:
        if name is not None:
            raise InputError("--crs and --units both say the unit of coordinates; give one of them")
        long, metres = UNITS[unit]
        axes = "".join(f'AXIS["{axis}",{way}],' for axis, way in (("x", "east"), ("y", "north")))
        return (
            f'ENGCRS["coordinates in {long}",EDATUM["unknown"],CS[Cartesian,2],{axes}'
            f'LENGTHUNIT["{long}",{metres!r}]]'
        )
    if name is None:
        return None
    try:
        return str(pyproj.CRS.from_user_input(name).to_wkt())
    except pyproj.exceptions.CRSError:
        wanted = "wanted one that is known, such as EPSG:25832"
        raise InputError(f"--crs {name!r} names no coordinate reference system; {wanted}") from None


def assigned(cloud: PointCloud, wkt: str | None) -> PointCloud:
    """The cloud in another CRS than its file says, its coordinates as they are; None changes none.

    Raises:
        InputError: as `metres_per_unit`.
    """
    if wkt is None:
        return cloud
    return replace(cloud, crs=wkt, crs_problem=None, metres_per_unit=metres_per_unit(wkt))


def understood(wkt: str) -> tuple[Units | None, str | None]:
    """As `metres_per_unit`; and what is wrong with the text, or None."""
    try:
        return metres_per_unit(wkt), None
    except InputError as error:
        return None, error.message


@lru_cache(maxsize=64)
def crs_name(wkt: str) -> str:
    """The name a CRS goes by; the beginning of the text where it cannot be understood."""
    try:
        return str(_parse(wkt).name)
    except InputError:
        return _beginning(wkt)


def same_crs(wkt: str | None, other: str | None) -> bool:
    """Whether two CRS give one place the same coordinates, whatever they are called.

    None is no CRS, and the same as none alone.

    Raises:
        InputError: if a text is not a CRS.
    """
    if wkt is None or other is None:
        return wkt is other
    return wkt == other or bool(_parse(wkt) == _parse(other))


def is_local(wkt: str) -> bool:
    """Whether a CRS says nothing about where its origin is."""
    return bool(_parse(wkt).type_name == "Engineering CRS")


def to_lonlat(places: NDArray[np.float64], wkt: str) -> NDArray[np.float64]:
    """Longitude and latitude in WGS84 of places in a CRS, both float64 (N, 2).

    Raises:
        InputError: if it is no CRS, or a local one, which has no place on the Earth.
    """
    return np.stack(_to_wgs84(wkt).transform(places[:, 0], places[:, 1]), axis=1)


@lru_cache(maxsize=8)
def _to_wgs84(wkt: str) -> pyproj.Transformer:
    import pyproj

    try:
        return pyproj.Transformer.from_crs(_parse(wkt), "EPSG:4326", always_xy=True)
    except pyproj.exceptions.ProjError:
        name = crs_name(wkt)
        raise InputError(f"{name!r} has no place on the Earth; name one with --crs") from None


def _parse(wkt: str) -> pyproj.CRS:
    import pyproj

    try:
        crs = pyproj.CRS.from_wkt(wkt)
    except pyproj.exceptions.CRSError:
        raise InputError(
            f"its coordinate reference system cannot be understood ({_beginning(wkt)!r})"
        ) from None
    return _bare(crs)


def _beginning(wkt: str) -> str:
    return " ".join(wkt[:SHOWN].split())


def _bare(crs: pyproj.CRS) -> pyproj.CRS:
    """The CRS inside a bound one, which only adds a datum shift."""
    return crs.source_crs if crs.is_bound and crs.source_crs is not None else crs


def from_geokeys(body: bytes) -> tuple[str | None, Units | None]:
    """CRS and units of a GeoTIFF key directory, as LAS before 1.4 names them.

    Returns:
        WKT, or None where no EPSG code is given, and metres per unit as `metres_per_unit`.

    Raises:
        InputError: if it names a code that no CRS has.
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
        raise InputError(f"it names EPSG:{horizontal}, which is no known CRS") from None
    if vertical is not None:
        try:
            height = pyproj.CRS.from_epsg(vertical)
            crs = pyproj.crs.CompoundCRS(f"{crs.name} + {height.name}", [crs, height])
        except pyproj.exceptions.CRSError:
            pass  # old files put datum codes here, which say nothing about units
    return str(crs.to_wkt())
