"""From a seed to a scan of a synthetic landscape from the air."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.synthetic.airborne.devices import draw_device
from volseg.synthetic.airborne.kinds import FLOWN, RELIEFS, Flown, Relief
from volseg.synthetic.airborne.survey import SurveyPoints, survey
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.airborne.world import draw_world
from volseg.synthetic.labels import Label

LOW, MEDIUM, HIGH = 3, 4, 5
"""Classes of vegetation that LAS tells apart by height."""
HEIGHTS = (0.5, 2.0)
"""Metres over the ground where medium and high vegetation begin."""
TURF = 0.12
"""Metres over the ground below which no survey tells plants from it."""
VEHICLE = 68
"""Class of vehicles in files: the first of the users' that LiDAR HD does not use otherwise."""
EPSG = 25832
DENSITIES = (0.1, 2000.0)
SIZES = (20.0, 1000.0)


def generate_tile(
    seed: int,
    *,
    terrain: Relief | None = None,
    scanner: Flown | None = None,
    density: float | None = None,
    size: float | None = None,
    points: int = 500_000,
) -> PointCloud:
    """Scan a random synthetic landscape from the air.

    Everything is invented: ground, woods, towns and their labels. An aircraft or a drone flies
    strips that overlap over a square tile. Pulses spread over footprints, and send several echoes
    where leaves or edges of roofs take a part of them. On one machine the same arguments give the
    same bytes.

    Args:
        seed: non-negative; another seed, another landscape.
        terrain: kind of ground, see `relief.Relief`; any if not given.
        scanner: kind of scanner, see `devices.Flown`; any if not given.
        density: pulses a square metre, 0.1 to 2,000; one usual of the scanner if not given.
        size: of the tile, metres, 20 to 1,000; such that about ``points`` pulses fit, if not given.
        points: about how many pulses, where the size is not given; 1,000 or more.

    Returns:
        N points, strip by strip: coordinates float64 (N, 3) in metres, whole millimetres, in UTM
        zone 32N; attributes ``intensity``, ``return_number``, ``number_of_returns``,
        ``scan_angle`` (0.006 degrees), ``gps_time``, ``point_source_id``; labels int64 (N,), codes
        of LAS 1.4, 64 for furniture (walls, fences, boats, masts) and 68 for vehicles, as field
        ``classification``. Every tree, building, vehicle, pylon and boat is an object.

    Raises:
        InputError: if an argument is out of its range.
    """
    if seed < 0:
        raise InputError(f"seed is {seed}, wanted a whole number of 0 or more")
    if points < 1000:
        raise InputError(f"{points:,} points for a tile, wanted 1,000 or more")
    check_options(terrain, scanner, density, size)
    rng = np.random.default_rng(seed)
    kind, relief = FLOWN[int(rng.integers(len(FLOWN)))], RELIEFS[int(rng.integers(len(RELIEFS)))]
    device = draw_device(rng, scanner or kind, density)
    side = float(np.clip(np.sqrt(points / device.density), *SIZES)) if size is None else size
    cell = float(np.clip(1 / np.sqrt(device.density), 0.25, 1.0))
    world = draw_world(rng, terrain or relief, side, cell)
    made = survey(rng, device, world.terrain, world.scenery, side)
    labels = _codes(made, world.terrain)
    shift = np.round(rng.uniform((4e5, 5.2e6, 0), (6e5, 6e6, 900)))
    names = ("intensity", "return_number", "number_of_returns", "scan_angle", "gps_time")
    return PointCloud(
        xyz=np.round(made.xyz + shift, 3),
        attributes={name: getattr(made, name) for name in (*names, "point_source_id")},
        labels=labels,
        instances=np.where(labels == Label.GROUND, 0, made.instance).astype(np.int64),
        label_field="classification",
        crs=_crs(),
    )


def check_options(
    terrain: str | None, scanner: str | None, density: float | None, size: float | None
) -> None:
    """Raise an `InputError` that names an option which is not known or out of its range."""
    for name, value, known in (("terrain", terrain, RELIEFS), ("scanner", scanner, FLOWN)):
        if value is not None and value not in known:
            raise InputError(f"{name} {value!r} is not known, wanted one of {', '.join(known)}")
    for name, number, (least, most), unit in (
        ("density", density, DENSITIES, "pulses a square metre"),
        ("size", size, SIZES, "m"),
    ):
        if number is not None and not least <= number <= most:
            raise InputError(f"{name} is {number:g} {unit}, wanted {least:g} to {most:g}")


def _codes(points: SurveyPoints, terrain: Terrain) -> NDArray[np.int64]:
    """Classes as files have them: vegetation by its height over the ground."""
    labels = points.label.astype(np.int64)
    over = points.xyz[:, 2] - terrain.height(points.xyz[:, 0], points.xyz[:, 1])
    by_height = np.array([LOW, MEDIUM, HIGH])[np.searchsorted(HEIGHTS, over)]
    by_height[over < TURF] = Label.GROUND
    labels = np.where(labels == Label.VEGETATION, by_height, labels)
    return np.where(labels == Label.VEHICLE, VEHICLE, labels)


def _crs() -> str:
    import pyproj

    return str(pyproj.CRS.from_epsg(EPSG).to_wkt("WKT1_GDAL"))
