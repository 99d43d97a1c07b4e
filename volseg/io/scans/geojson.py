"""Outlines as GeoJSON, which every GIS opens, in longitude and latitude, as RFC 7946 asks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.io.scans.crs import to_lonlat

DECIMALS = 8
"""Of degrees: a millimetre."""


def to_geojson(
    outlines: Iterable[NDArray[np.float64]],
    properties: Mapping[str, Sequence[Any]],
    crs: str | None,
) -> bytes:
    """One feature an outline, with its row of the table as properties.

    An outline of fewer than three corners is a line or a point.

    Args:
        outlines: float64 (k, 2) each, corners counterclockwise, in units of ``crs``.
        properties: columns of the table.
        crs: coordinate reference system as WKT; None where they are longitude and latitude.

    Raises:
        InputError: if it has no place on the Earth.
    """
    rows = (
        dict(zip(properties, row, strict=True)) for row in zip(*properties.values(), strict=True)
    )
    places = (one if crs is None else to_lonlat(one, crs) for one in outlines)
    features = [
        {"type": "Feature", "geometry": _geometry(place), "properties": row}
        for place, row in zip(places, rows, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _geometry(corners: NDArray[np.float64]) -> dict[str, Any]:
    places = corners.round(DECIMALS).tolist()
    if len(places) == 1:
        return {"type": "Point", "coordinates": places[0]}
    if len(places) == 2:
        return {"type": "LineString", "coordinates": places}
    return {"type": "Polygon", "coordinates": [[*places, places[0]]]}
