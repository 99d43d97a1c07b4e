"""Polygons of GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from volseg.errors import InputError
from volseg.geometry.area import Polygons, Ring


def read_area(path: Path) -> Polygons:
    """The polygons of a GeoJSON file, in the coordinates it has.

    Raises:
        InputError: if it is missing, no GeoJSON, or holds no polygon.

    Example:
        >>> path = Path("area.geojson")
        >>> ring = "[[0, 0], [4, 0], [4, 4], [0, 0]]"
        >>> _ = path.write_text('{"type": "Polygon", "coordinates": [' + ring + "]}")
        >>> len(read_area(path).rings)
        1
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path=path) from None
    except ValueError:
        raise InputError("is no GeoJSON; wanted polygons as GeoJSON", path=path) from None
    try:
        polygons = tuple(_polygons(document))
    except (TypeError, KeyError, ValueError, AttributeError, RecursionError):
        raise InputError("is no GeoJSON as RFC 7946 has it", path=path) from None
    if not polygons:
        raise InputError("holds no polygon; wanted the areas to segment as polygons", path=path)
    return Polygons(polygons)


def _polygons(node: dict[str, Any]) -> list[tuple[Ring, ...]]:
    """The polygons in an object of GeoJSON."""
    match node["type"]:
        case "FeatureCollection":
            return [one for feature in node["features"] for one in _polygons(feature)]
        case "Feature":
            return _polygons(node["geometry"]) if node["geometry"] else []
        case "GeometryCollection":
            return [one for part in node["geometries"] for one in _polygons(part)]
        case "MultiPolygon":
            return [_rings(one) for one in node["coordinates"]]
        case "Polygon":
            return [_rings(node["coordinates"])]
        case _:
            return []


def _rings(rings: list[list[list[float]]]) -> tuple[Ring, ...]:
    made = tuple(tuple((float(x), float(y)) for x, y, *_ in ring) for ring in rings)
    if (
        not made
        or any(len(ring) < 3 for ring in made)
        or not all(np.isfinite(ring).all() for ring in made)
    ):
        raise ValueError
    return made
