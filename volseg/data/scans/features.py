"""What a network is told about a point besides where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from volseg.data.scans.context import ContextBuilder, ScanContext
from volseg.errors import InputError
from volseg.geometry.blocks import blocks, side_by_side
from volseg.geometry.points import PointCloud
from volseg.geometry.voxelgrid import VoxelGrid

FeatureName = Literal["log_count", "offset", "height", "intensity", "returns", "colour"]
"""``log_count`` log(1 + points in the voxel); ``offset`` of the points' mean from the voxel's
centre, in voxels; ``height`` over the ground, see `volseg.geometry.ground`; ``intensity`` over the
scan's 95th percentile; ``returns`` of a pulse: one over their number, and the point's number over
theirs; ``colour`` red, green and blue from 0 to 1."""

CHANNELS = {"log_count": 1, "offset": 3, "height": 1, "intensity": 1, "returns": 2, "colour": 3}

FROM_FILE = {
    "intensity": {"intensity": 1},
    "returns": {"number_of_returns": 1, "return_number": 1},
    "colour": {"colour": 3},
}
"""Attributes of the file that features are made of, and their values a point."""

OF_VOXELS: tuple[FeatureName, ...] = ("log_count", "offset")
"""Features that a voxel's own points make; points have the others."""


@dataclass(frozen=True)
class Feature:
    """A feature a network asks for.

    Attributes:
        name: What it tells, one of `FeatureName`.
        optional: Whether scans may lack what it is made of.
    """

    name: FeatureName
    optional: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """The feature of a text such as ``height``, or ``intensity?`` where scans may lack it.

        Raises:
            ValueError: if there is no such feature, or it is never lacking.
        """
        known = {name: name for name in get_args(FeatureName)}
        known |= {f"{name}?": name for name in FROM_FILE}
        if text not in known:
            raise ValueError(f"wanted one of {', '.join(known)}")
        return cls(known[text], optional=text.endswith("?"))

    def __str__(self) -> str:
        return f"{self.name}{'?' * self.optional}"


def parse_features(*texts: str) -> tuple[Feature, ...]:
    """The features of their texts, see `Feature.parse`."""
    return tuple(map(Feature.parse, texts))


HEIGHT = Feature("height")

ABSENT = {"intensity": 0.0, "returns": 1.0, "colour": 0.0}
"""What a feature is where the scan lacks it, or has nothing but zeros."""

HEIGHT_SCALE = 0.2
"""Heights enter the network as metres times this, so that storeys are of order one."""


def channels(features: Sequence[Feature]) -> int:
    """Number of channels a list of features makes."""
    return sum(CHANNELS[feature.name] for feature in features)


def attributes_of(cloud: PointCloud, features: Sequence[Feature]) -> dict[str, NDArray[Any]]:
    """The attributes of the file that features are made of, each (N, k) and finite.

    Raises:
        InputError: if the scan lacks an attribute, naming those it has, or one of its values
            or its shape cannot be used.
    """
    return {
        name: _attribute(cloud, name, feature, width)
        for feature in features
        for name, width in FROM_FILE.get(feature.name, {}).items()
    }


def gather(cloud: PointCloud, features: Sequence[Feature]) -> ScanContext:
    """What features need to know of a scan that is given whole.

    Raises:
        InputError: as `attributes_of`.
    """
    builder = ContextBuilder(ground=HEIGHT in features)
    builder.add(cloud.metres(), attributes_of(cloud, features))
    return builder.context()


def point_attributes(
    cloud: PointCloud, features: Sequence[Feature], context: ScanContext | None = None
) -> dict[FeatureName, NDArray[np.float32]]:
    """The features that need the whole scan, before any crop, each float32 (N, k).

    Args:
        cloud: a scan, or a part of one.
        features: which; those that only a voxel's own points make are left out.
        context: that of the scan a part is of; None for a cloud that is a whole scan.

    Raises:
        InputError: as `attributes_of`.
    """
    context = gather(cloud, features) if context is None else context
    raw = attributes_of(cloud, features)
    made: dict[FeatureName, NDArray[np.float32]] = {}
    if HEIGHT in features:
        metres = cloud.metres()
        made["height"] = (metres[:, 2:] - context.ground.under(metres)[:, None]).astype(np.float32)
    for feature in features:
        values = _from_file(feature.name, raw, context)
        if values is not None:
            made[feature.name] = values
    return made


def _from_file(
    name: FeatureName, raw: Mapping[str, NDArray[Any]], context: ScanContext
) -> NDArray[np.float32] | None:
    """A feature made of attributes of the file, float32 (N, k); None for others."""
    if name == "intensity":
        bright = np.float32(context.scales["intensity"])
        return np.asarray(np.clip(raw["intensity"].astype(np.float32) / bright, 0.0, 2.0))
    if name == "returns":
        # A file that counts no returns says 0: the only one of its pulse.
        many, number = (
            np.maximum(raw[one], 1).astype(np.float32)
            for one in ("number_of_returns", "return_number")
        )
        return np.concatenate((1 / many, number / many), axis=1)
    if name == "colour":
        return raw["colour"].astype(np.float32) / np.float32(context.scales["colour"])
    return None


def _attribute(cloud: PointCloud, name: str, feature: Feature, width: int = 1) -> NDArray[Any]:
    """An attribute as (N, width), finite."""
    values = cloud.attributes.get(name)
    if values is None and feature.optional:
        return np.zeros((len(cloud), width), dtype=np.uint8)
    if values is None:
        there = ", ".join(sorted(cloud.attributes)) or "none besides x, y, z"
        raise InputError(
            f"the scan has no {name!r}, which the model's features ask for (it has: {there}); "
            f"use a model trained without '{feature}', or with '{feature}?'"
        )
    if values.size != len(cloud) * width:
        raise InputError(f"attribute {name!r} has shape {values.shape}; wanted {width} a point")
    if not np.isfinite(values).all():
        raise InputError(f"attribute {name!r} holds NaN or infinite values; replace those first")
    return values.reshape(len(cloud), width)


def voxel_features(
    grid: VoxelGrid,
    metres: NDArray[np.float64],
    attributes: Mapping[FeatureName, NDArray[np.float32]],
    features: Sequence[Feature],
) -> NDArray[np.float32]:
    """Features of every voxel, float32 (M, C), channels in the order of ``features``."""
    columns: list[NDArray[Any]] = []
    for name in (feature.name for feature in features):
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
