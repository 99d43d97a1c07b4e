"""Coordinates whose unit nobody names: whether metres can be meant."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    if not is_assumed(cloud):
        return
    low = np.asarray(cloud.xyz.min(axis=0) if lower is None else lower)
    high = np.asarray(cloud.xyz.max(axis=0) if upper is None else upper)
    x, y, _ = high - low
    wide = max(x, y)
    if like_degrees(low, high):
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


def is_assumed(cloud: PointCloud) -> bool:
    """Whether a scan is in metres because nobody says otherwise."""
    return cloud.crs is None and cloud.metres_per_unit == METRES


def like_degrees(low: NDArray[np.float64], high: NDArray[np.float64]) -> bool:
    """Whether a scan lies as longitude and latitude do, by its least and largest x, y, z, (3,)."""
    x, y, z = high - low
    return _on_earth(low[:2], high[:2]) and bool(z > TALLEST * max(x, y) > 0 and max(x, y) < WIDEST)


def _on_earth(low: NDArray[np.float64], high: NDArray[np.float64]) -> bool:
    """Whether places are on the Earth, and away from an origin that a local frame may have."""
    farthest = np.maximum(np.abs(low), np.abs(high))
    around_origin = bool((low <= 0).all() and (high >= 0).all())
    return not around_origin and bool(farthest.max() <= 180 and farthest.max() >= 1)
