"""Scans that name no unit: what cannot be metres is refused, what may be is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.assumed import require_metres


def block(place: tuple[float, float], x: float, y: float, z: float) -> PointCloud:
    """Points that fill a box whose lowest corner is in a place."""
    unit = np.random.default_rng(0).random((200, 3))
    return PointCloud(unit * (x, y, z) + (*place, 50.0))


@pytest.mark.parametrize(
    "place", [(9.0, 50.0), (-122.4, 37.7), (172.6, -43.5), (50.0, 9.0), (-0.3, 51.5)]
)
@pytest.mark.parametrize("extent", [(1e-4, 1e-4, 2), (0.015, 0.01, 30), (0.5, 0.9, 400)])
def test_degrees_of_any_place_and_extent_are_refused(
    place: tuple[float, float], extent: tuple[float, float, float]
) -> None:
    cloud = block(place, *extent)
    with pytest.raises(InputError, match=r"in degrees do.*--units m"):
        require_metres(cloud)


def test_less_than_a_voxel_is_refused_wherever_it_is() -> None:
    kilometres = block((654.321, 6543.2), 0.04, 0.05, 0.01)
    require_metres(kilometres, size=0.02)
    with pytest.raises(InputError, match=r"less than one voxel of 0.2 m.*--units"):
        require_metres(kilometres, size=0.2)


def test_limits_may_be_those_of_more_points_than_given() -> None:
    cloud = block((9.0, 50.0), 1e-4, 1e-4, 2)
    require_metres(cloud, cloud.xyz.min(axis=0), cloud.xyz.max(axis=0) + (300, 300, 0), 0.5)


@pytest.mark.parametrize(
    "cloud",
    [
        block((5e5, 5e6), 40, 40, 900),
        block((0.0, 0.0), 40, 40, 8),
        block((-0.4, -0.4), 0.8, 0.8, 12),  # a pole in its own frame
        block((20.0, 30.0), 1.8, 1.5, 3),  # a car
        block((7.0, 3.0), 5, 6, 60),  # a tower
        PointCloud(np.array([[9.0, 50, 1], [9.0, 50, 200]])),  # a plumb line
    ],
)
def test_metres_of_scenes_and_of_things_pass(cloud: PointCloud) -> None:
    require_metres(cloud, size=0.3)


def test_who_names_a_unit_is_believed() -> None:
    cloud = block((9.0, 50.0), 1e-4, 1e-4, 2)
    require_metres(replace(cloud, crs="any"), size=0.3)
    require_metres(replace(cloud, metres_per_unit=(0.3048,) * 3), size=0.3)
