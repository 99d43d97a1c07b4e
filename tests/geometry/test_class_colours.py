"""Classes that nobody gave a colour: a known kind looks like it, none looks like another."""

from __future__ import annotations

import colorsys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.config.common import LabelSpec
from volseg.geometry.class_colours import KINDS, class_colours, kind_colour
from volseg.geometry.colours import default_colour, rgb

NAMES = [name for names in KINDS.values() for name in names]


def hue(colour: str) -> float:
    return 360 * colorsys.rgb_to_hsv(*(one / 255 for one in rgb(colour)))[0]


@pytest.mark.parametrize(
    ("name", "hues"),
    [
        ("tree", (80, 160)), ("Low Vegetation", (80, 160)), ("medium_veg", (80, 160)),
        ("high-vegetation", (80, 160)), ("plants", (80, 160)), ("Bushes", (80, 160)),
        ("building", (0, 40)), ("houses", (0, 40)), ("RoofTile", (0, 40)), ("facades", (0, 40)),
        ("water", (195, 235)), ("bare earth", (30, 45)), ("ground", (30, 45)),
    ],
)  # fmt: skip
def test_kinds_look_as_people_think_of_them(name: str, hues: tuple[float, float]) -> None:
    spec = LabelSpec.model_validate({"classes": {"x": {"ids": [0]}, name: {"ids": [1]}}})
    assert hues[0] <= hue(spec.label_map().classes[1].colour) <= hues[1]


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("Street light", "pole"), ("road vehicle", "car"), ("railway bridge", "bridge"),
        ("other-vehicle", "car"), ("transmission tower", "pylon"), ("everything else", "other"),
        ("never classified", None), ("carpet", None), ("anterior", None), ("background", None),
        ("", None), ("Straße", None), ("treetop", None),
    ],
)  # fmt: skip
def test_the_more_particular_word_tells_the_kind(name: str, like: str | None) -> None:
    assert kind_colour(name) == (None if like is None else kind_colour(like))


def test_colours_that_were_given_stay_and_are_nobody_elses() -> None:
    ground, tree, house = class_colours(
        [("ground", None), ("x", kind_colour("ground")), ("y", "#fff")]
    )
    assert (tree, house) == (kind_colour("ground"), "#fff")
    assert ground != tree


def test_classes_of_no_known_kind_have_the_colours_of_their_numbers() -> None:
    names = [("background", None), ("anterior", None), ("posterior", None)]
    assert class_colours(names) == tuple(default_colour(number) for number in range(3))


@given(st.lists(st.one_of(st.sampled_from(NAMES), st.text(max_size=5)), max_size=80))
def test_no_two_classes_share_a_colour(names: list[str]) -> None:
    colours = class_colours([(name, None) for name in names])
    assert len(set(colours)) == len(names)
    for colour in colours:
        rgb(colour)
