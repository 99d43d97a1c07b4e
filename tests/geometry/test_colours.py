"""Colours are read as they are written, and every number has its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry.colours import IGNORED_COLOUR, PALETTE, default_colour, rgb


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_colours_are_read_as_they_are_written(colour):
    assert rgb("#{:02x}{:02X}{:02x}".format(*colour)) == colour


@pytest.mark.parametrize("text", ["", "#12345", "#1234567", "#12345g", "red", "#12 345"])
def test_other_colours_are_refused(text):
    with pytest.raises(InputError, match="#RRGGBB"):
        rgb(text)


def test_every_number_has_a_colour_of_its_own_the_palettes_first() -> None:
    colours = [default_colour(number) for number in range(200)]
    assert tuple(colours[: len(PALETTE)]) == PALETTE
    assert len(set(colours)) == len(colours)
    assert IGNORED_COLOUR not in colours
    assert all(len(rgb(colour)) == 3 for colour in colours)
