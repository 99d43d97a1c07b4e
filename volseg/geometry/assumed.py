"""Coordinates whose unit nobody names: whether metres can be meant."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from volseg.errors import InputError
from volseg.geometry.points import METRES, PointCloud

# Degrees of latitude and longitude that one file spans at most, and times it is as high as wide.
WIDEST, TALLEST = 2.0, 10.0


def require_metres(
    cloud: PointCloud,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    size: float = 0,
) -> None:
    """Refuse a scan in metres by default that is narrower than a voxel, or lies as degrees do.

    Args:
        cloud: any part of the scan; one point at least, unless both limits are given.
        lower: least x, y and z of all of it, (3,); None for those of the part.
        upper: largest.
        size: edge of a voxel that the scan is to be wider than, in metres.

    Raises:
        InputError: if no file or user names a unit, and metres cannot be meant.
    """
    if cloud.crs is not None or cloud.metres_per_unit != METRES:
        return
    low = np.asarray(cloud.xyz.min(axis=0) if lower is None else lower)
    high = np.asarray(cloud.xyz.max(axis=0) if upper is None else upper)
    x, y, z = high - low
    wide = max(x, y)
    if _like_degrees(low[:2], high[:2]) and wide < WIDEST and z > TALLEST * wide > 0:
        raise InputError(
            f"x and y span {x:.3g} by {y:.3g} and lie as longitude and latitude in degrees do, and "
            "the file names no coordinate system; reproject the scan to a projected one (UTM, a "
            "national grid), or say with --units m that these are metres"
        )
    if 0 < wide < size:
        raise InputError(
            f"x and y span {x:.3g} by {y:.3g}, less than one voxel of {size:g} m, and the file "
            "names no coordinate system; say the unit with --units m, ft or us-ft, or reproject "
            "the scan if these are degrees"
        )


def _like_degrees(low: np.ndarray, high: np.ndarray) -> bool:
    """Whether places are on the Earth, and away from an origin that a local frame may have."""
    farthest = np.maximum(np.abs(low), np.abs(high))
    around_origin = bool((low <= 0).all() and (high >= 0).all())
    return not around_origin and bool(farthest.max() <= 180 and farthest.max() >= 1)
