"""Classes: what may be said of their objects, and of which."""

from __future__ import annotations

import pytest

from volseg.errors import InputError
from volseg.geometry.labels import LabelClass


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"min_points": 5}, "min_points 5; wanted 1 or more, of a class with 'thing: true'"),
        ({"min_points": 0, "thing": True}, "min_points 0; wanted 1 or more"),
        ({"radius": 1.0}, "'a' has a radius, .* add 'thing: true'"),
        ({"radius": 1.0, "grouping": "centre"}, "'a' has a radius"),
        ({"radius": 0.0, "thing": True}, "is 0.0; wanted more than 0"),
        ({"radius": float("nan"), "thing": True}, "is nan; wanted more than 0"),
    ],
)
def test_a_radius_is_of_components(options, words):
    with pytest.raises(InputError, match=words):
        LabelClass("a", (1,), "", **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scale": 1.0}, "'a' has a scale, .* name one"),
        ({"scale": 1.0, "thing": True}, "'a' has a scale"),
        ({"scale": 0.0, "grouping": "centre"}, "is 0.0; wanted more than 0"),
    ],
)
def test_a_scale_is_of_learnt_groupings(options, words):
    with pytest.raises(InputError, match=words):
        LabelClass("a", (1,), "", **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"smallest": 4.0}, "'a' has a smallest object and no objects"),
        ({"smallest": -1.0, "thing": True}, "'a' is -1.0; wanted 0 or more"),
    ],
)
def test_a_smallest_object_is_of_a_thing(options, words):
    with pytest.raises(InputError, match=words):
        LabelClass("a", (1,), "", **options)
