"""Default colours: told apart by readers with any colour vision."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.config import load_label_map
from volseg.geometry.class_colours import KINDS, SPARE, class_colours, kind_colour
from volseg.geometry.colours import IGNORED_COLOUR, PALETTE, default_colour, rgb
from volseg.view.palette import ASPRS, id_class, to_hex

CONFIGS = Path(__file__).parents[2] / "configs"
# The colours of these are their datasets' own.
PUBLISHED = {"semantickitti", "semantic3d"}
PRESETS = sorted(path for path in CONFIGS.glob("*/*.yaml") if path.stem not in PUBLISHED)

# How readers without red or green cones see linear RGB: Machado, Oliveira & Fernandes, "A
# physiologically-based model for simulation of color vision deficiency", 2009, severity 1.
PROTANOPIA = (
    (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
    (-0.003882, -0.048116, 1.051998),
)  # fmt: skip
DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)  # fmt: skip
# Linear sRGB to CIE XYZ over the white point D65 (IEC 61966-2-1).
TO_XYZ = (
    (0.433953, 0.376219, 0.189828), (0.212673, 0.715152, 0.072175), (0.017758, 0.109477, 0.872766),
)  # fmt: skip
VISIONS = (np.eye(3), np.array(PROTANOPIA), np.array(DEUTERANOPIA))
APART = 15.0
"""Distance in CIELAB; 2.3 is a just noticeable difference side by side."""


def seen(colours: list[str], vision: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB coordinates, (n, 3), of colours as a reader sees them."""
    encoded = np.array([rgb(one) for one in colours]) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    light = np.clip(linear @ vision.T, 0, 1) @ np.array(TO_XYZ).T
    x, y, z = np.where(light > (6 / 29) ** 3, np.cbrt(light), light / 3 * (29 / 6) ** 2 + 4 / 29).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def closest(colours: list[str], visions: tuple[NDArray[np.float64], ...] = VISIONS) -> float:
    return min(
        float(np.linalg.norm(places[one] - places[other]))
        for places in (seen(colours, vision) for vision in visions)
        for one, other in combinations(range(len(colours)), 2)
    )


def test_the_simulation_confuses_what_readers_confuse() -> None:
    plain, without_red, without_green = (
        closest(["#C8553D", "#6B7A35"], (vision,)) for vision in VISIONS
    )
    assert plain > 4 * APART  # brick and moss, equally light
    assert max(without_red, without_green) < APART


def test_the_palette_is_told_apart() -> None:
    assert closest([*PALETTE, IGNORED_COLOUR]) > APART


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_classes_of_a_preset_are_told_apart(path: Path) -> None:
    colours = [one.colour for one in load_label_map(path).classes]
    assert len(colours) == 1 or closest(colours) > APART


def test_kinds_of_classes_are_told_apart() -> None:
    assert closest([*KINDS, *SPARE, IGNORED_COLOUR]) > APART


def test_the_classes_of_las_are_told_apart() -> None:
    assert closest([colour for _, colour in ASPRS.values()]) > APART


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 14, 15, 17])
def test_the_classes_of_las_have_the_colours_of_their_kind(code: int) -> None:
    name, colour = ASPRS[code]
    assert colour == kind_colour(name)


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_classes_of_a_preset_have_the_colours_of_their_kind(path: Path) -> None:
    for one in load_label_map(path).classes:
        assert kind_colour(one.name) in (None, one.colour) or one.name == "road marking"


@pytest.mark.parametrize(
    "names",
    [
        ("ground", "vegetation", "building", "water", "road", "vehicle"),
        ("Everything else", "terrain", "Trees", "houses", "powerLine", "pylons", "fence"),
        ("LowVeg", "medium_vegetation", "high-vegetation", "Roof", "bridge deck", "rails", "cars"),
        ("facade", "roof", "wall", "statue"),
        ("unclassified", "noise", "ground", "street furniture", "cable", "shrubs", "crane"),
    ],
)  # fmt: skip
def test_named_classes_of_a_config_without_colours_are_told_apart(names: tuple[str, ...]) -> None:
    assert closest(list(class_colours([(name, None) for name in names]))) > APART


def test_every_class_without_a_colour_has_its_own() -> None:
    assert len({default_colour(number) for number in range(256)}) == 256
    assert tuple(default_colour(number) for number in range(len(PALETTE))) == PALETTE


@pytest.mark.parametrize("colour", ["#000000", "#0A0B0C", "#FFEEDD"])
def test_colours_survive_as_numbers(colour: str) -> None:
    assert to_hex(rgb(colour)) == colour


@pytest.mark.parametrize("value", [-1, 0, 2, 200, 70_000])
def test_an_id_is_a_class_of_its_own(value: int) -> None:
    plain, las = (id_class(value, asprs=asprs) for asprs in (False, True))
    assert plain.ids == las.ids == (value,)
    assert plain.name == str(value)
    assert las.name == (f"{value}  {ASPRS[value][0]}" if value in ASPRS else str(value))
    rgb(plain.colour)
