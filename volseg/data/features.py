"""What a network is told about a point besides where it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.blocks import blocks, side_by_side
from volseg.geometry.ground import REACH, ground_under
from volseg.geometry.points import PointCloud
from volseg.geometry.voxelgrid import VoxelGrid

Feature = Literal["log_count", "offset", "height", "intensity", "returns", "colour"]
"""``log_count`` log(1 + points in the voxel); ``offset`` of the points' mean from the voxel's
centre, in voxels; ``height`` over the ground, see `volseg.geometry.ground`; ``intensity`` over the
scan's 95th percentile; ``returns`` of a pulse: one over their number, and the point's number over
theirs; ``colour`` red, green and blue from 0 to 1."""

CHANNELS: dict[Feature, int] = {
    "log_count": 1,
    "offset": 3,
    "height": 1,
    "intensity": 1,
    "returns": 2,
    "colour": 3,
}

HEIGHT_SCALE = 0.2
"""Heights enter the network as metres times this, so that storeys are of order one."""


def channels(features: Sequence[Feature]) -> int:
    """Number of channels a list of features makes."""
    return sum(CHANNELS[name] for name in features)


def reach(features: Sequence[Feature]) -> float:
    """Metres along x and y within which lies all that a point's features depend on.

    The brightness that ``intensity`` and ``colour`` are measured by is the whole scan's.
    """
    return REACH if "height" in features else 0.0


def point_attributes(
    cloud: PointCloud, features: Sequence[Feature]
) -> dict[Feature, NDArray[np.float32]]:
    """The features that need the whole scan, before any crop, each float32 (N, k).

    Raises:
        InputError: if the scan lacks an attribute, naming those it has, or one of its values
            or its shape cannot be used.
    """
    made: dict[Feature, NDArray[np.float32]] = {}
    if "height" in features:
        metres = cloud.metres()
        made["height"] = (metres[:, 2:] - ground_under(metres)[:, None]).astype(np.float32)
    if "intensity" in features:
        intensity = _attribute(cloud, "intensity", "intensity").astype(np.float32)
        bright = float(np.percentile(intensity, 95))
        made["intensity"] = np.clip(intensity / (bright if bright > 0 else 1.0), 0.0, 2.0)
    if "returns" in features:
        # A file that counts no returns says 0: the only one of its pulse.
        many, number = (
            np.maximum(_attribute(cloud, name, "returns"), 1).astype(np.float32)
            for name in ("number_of_returns", "return_number")
        )
        made["returns"] = np.concatenate((1 / many, number / many), axis=1)
    if "colour" in features:
        colour = _attribute(cloud, "colour", "colour", width=3)
        made["colour"] = colour.astype(np.float32) / np.float32(_full_colour(colour))
    return made


def _attribute(cloud: PointCloud, name: str, feature: Feature, width: int = 1) -> NDArray[Any]:
    """An attribute as (N, width), finite."""
    values = cloud.attributes.get(name)
    if values is None:
        there = ", ".join(sorted(cloud.attributes)) or "none besides x, y, z"
        raise InputError(
            f"the scan has no {name!r}, which the model's features ask for (it has: {there}); "
            f"use a model trained without {feature!r}"
        )
    if values.size != len(cloud) * width:
        raise InputError(f"attribute {name!r} has shape {values.shape}; wanted {width} a point")
    if not np.isfinite(values).all():
        raise InputError(f"attribute {name!r} holds NaN or infinite values; replace those first")
    return values.reshape(len(cloud), width)


def _full_colour(colour: NDArray[Any]) -> float:
    """The value of full brightness: 1, or that of 8 or 16 bits; text holds those as floats too."""
    peak = float(colour.max(initial=0))
    if colour.dtype.kind == "f" and peak <= 1.0:
        return 1.0
    return 255.0 if peak < 256.0 else 65535.0


def voxel_features(
    grid: VoxelGrid,
    metres: NDArray[np.float64],
    attributes: dict[Feature, NDArray[np.float32]],
    features: Sequence[Feature],
) -> NDArray[np.float32]:
    """Features of every voxel, float32 (M, C), channels in the order of ``features``."""
    columns: list[NDArray[Any]] = []
    for name in features:
        if name == "log_count":
            columns.append(np.log1p(grid.counts)[:, None])
        elif name == "offset":
            columns.append(grid.mean(_inside(metres, grid.size)) - 0.5)
        elif name == "height":
            columns.append(grid.mean(attributes[name]) * HEIGHT_SCALE)
        else:
            columns.append(grid.mean(attributes[name]))
    return np.concatenate(columns, axis=1).astype(np.float32)


def _inside(metres: NDArray[np.float64], size: float) -> NDArray[np.float64]:
    """Places of points within their voxels, 0 to 1, float64 (N, 3)."""
    places = np.empty_like(metres)

    def work(rows: slice) -> None:
        np.divide(metres[rows], size, out=places[rows])
        places[rows] -= np.floor(places[rows])

    side_by_side(work, blocks(len(metres)))
    return places
