"""Classes and materials of synthetic scenes."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np


class Label(IntEnum):
    """Raw class ids; the presets `lidar/street` and `lidar/airborne` name and colour them.

    LAS has ids for all but the last two: it has none for furniture, which holds poles, signs,
    fences, garden walls and the street's wires, nor for vehicles: these take the first that ASPRS
    leaves to users.
    """

    UNLABELLED = 0
    GROUND = 2
    VEGETATION = 5
    BUILDING = 6
    NOISE = 7
    WATER = 9
    GUARD_WIRE = 13
    WIRE = 14
    PYLON = 15
    BRIDGE = 17
    HIGH_NOISE = 18
    FURNITURE = 64
    VEHICLE = 65


class Material(IntEnum):
    """What a surface is made of; the index into `OPTICS`."""

    ASPHALT = 0
    PAVING = 1
    GRASS = 2
    LEAF = 3
    BARK = 4
    PLASTER = 5
    BRICK = 6
    GLASS = 7
    STONE = 8
    METAL = 9
    WOOD = 10
    TILE = 11
    PAINT = 12
    DARK_PAINT = 13
    RUBBER = 14
    REFLECTOR = 15
    GHOST = 16
    SCREEN = 17
    WATER = 18
    SOIL = 19
    GRAVEL = 20
    CROP = 21


OPTICS = np.array(
    [
        # reflectance at normal incidence, share of returns lost, roughness in metres
        (0.14, 0.02, 0.004),
        (0.28, 0.01, 0.004),
        (0.48, 0.03, 0.025),
        (0.42, 0.10, 0.015),
        (0.25, 0.02, 0.010),
        (0.55, 0.01, 0.003),
        (0.32, 0.01, 0.005),
        (0.09, 0.80, 0.000),
        (0.36, 0.01, 0.006),
        (0.40, 0.05, 0.000),
        (0.33, 0.02, 0.004),
        (0.24, 0.03, 0.020),
        (0.50, 0.12, 0.000),
        (0.06, 0.35, 0.000),
        (0.05, 0.15, 0.000),
        (0.95, 0.00, 0.000),
        (0.22, 0.45, 0.040),
        (0.12, 0.45, 0.000),
        (0.04, 0.60, 0.010),
        (0.30, 0.01, 0.020),
        (0.22, 0.01, 0.020),
        (0.50, 0.03, 0.040),
    ]
)
"""One row a material, float64 (materials, 3); plausible figures at 905 nm, not measured ones."""


class Skin(NamedTuple):
    """What a point on a surface is, and what it is made of."""

    label: Label
    material: Material
