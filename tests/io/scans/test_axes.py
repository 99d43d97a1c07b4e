"""Coordinates are known by the names that surveyors give them, whatever the order and the case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.io.scans.axes import EAST, LATITUDE, LONGITUDE, NORTH, UP, Axes, find_axes

PAIRS = st.one_of(
    st.just(("x", "y")),
    st.tuples(st.sampled_from(EAST), st.sampled_from(NORTH)),
    st.tuples(st.sampled_from(LONGITUDE), st.sampled_from(LATITUDE)),
)
FORMS = st.sampled_from(["{}", "POINT_{}", "{}-coord", "{} (m)", "{} [ft]", "Koordinate {}"])


@given(PAIRS, st.sampled_from(UP), FORMS, st.booleans(), st.data())
def test_any_two_of_one_kind_and_a_height_are_the_axes(
    pair: tuple[str, str], up: str, form: str, upper: bool, data: st.DataObject
) -> None:
    names = [form.format(name.upper() if upper else name) for name in (*pair, up)]
    shuffled = data.draw(st.permutations([*names, "intensity", "class"]))
    found = find_axes(shuffled)
    assert found == Axes((names[0], names[1], names[2]), degrees=pair[0] in LONGITUDE)


@pytest.mark.parametrize(
    "names",
    [("x", "y"), ("x", "northing", "z"), ("lon", "north", "z"), ("x1", "y1", "z1"), ()],
)
def test_axes_of_two_kinds_or_without_a_height_are_none(names: tuple[str, ...]) -> None:
    assert find_axes(names) is None


def test_accents_say_nothing_and_x_and_y_go_before_letters_of_surveyors() -> None:
    assert find_axes(("Höhe", "Rechtswert", "Hochwert")) == Axes(("Rechtswert", "Hochwert", "Höhe"))
    assert find_axes(("n", "e", "x", "y", "z")) == Axes(("x", "y", "z"))
