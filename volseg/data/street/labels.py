"""Classes and materials of the synthetic street."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from volseg.geometry import LabelClass, LabelMap


class Label(IntEnum):
    """Raw class ids, those of TUM-MLS-2016."""

    UNLABELLED = 0
    MAN_MADE_TERRAIN = 1
    NATURAL_TERRAIN = 2
    HIGH_VEGETATION = 3
    LOW_VEGETATION = 4
    BUILDING = 5
    HARDSCAPE = 6
    ARTEFACT = 7
    VEHICLE = 8


STREET_LABELS = LabelMap(
    classes=(
        LabelClass("man-made terrain", (Label.MAN_MADE_TERRAIN,), "#9A9A9A"),
        LabelClass("natural terrain", (Label.NATURAL_TERRAIN,), "#A6D96A"),
        LabelClass("high vegetation", (Label.HIGH_VEGETATION,), "#1A7837"),
        LabelClass("low vegetation", (Label.LOW_VEGETATION,), "#B8B800"),
        LabelClass("building", (Label.BUILDING,), "#D6604D"),
        LabelClass("hardscape", (Label.HARDSCAPE,), "#7B5EA7"),
        LabelClass("artefact", (Label.ARTEFACT,), "#F781BF"),
        LabelClass("vehicle", (Label.VEHICLE,), "#2166AC"),
    ),
    ignore=(Label.UNLABELLED,),
)
"""Classes of the synthetic street: hardscape holds kerbs, steps, walls, fences, poles and signs."""


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
    ]
)
"""One row a material, float64 (materials, 3); plausible figures at 905 nm, not measured ones."""


class Skin(NamedTuple):
    """What a point on a surface is, and what it is made of."""

    label: Label
    material: Material
