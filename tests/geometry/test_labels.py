from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry import IGNORE, LabelClass, LabelMap
from volseg.geometry.labels import rgb


@st.composite
def label_maps(draw: st.DrawFn) -> LabelMap:
    """Classes of one to three ids each, and ids to ignore."""
    ids = draw(st.lists(st.integers(-1000, 70000), min_size=2, max_size=15, unique=True))
    ignored = draw(st.integers(0, len(ids) - 1))
    classes, rest = [], ids[ignored:]
    while rest:
        size = draw(st.integers(1, 3))
        classes.append(LabelClass(f"class {len(classes)}", tuple(rest[:size]), "#102030"))
        rest = rest[size:]
    return LabelMap(tuple(classes), tuple(ids[:ignored]))


@given(label_maps(), st.data())
def test_decoding_undoes_encoding_up_to_merged_ids(label_map, data):
    train = np.array(data.draw(st.lists(st.integers(0, len(label_map) - 1), max_size=30)), np.int64)
    assert np.array_equal(label_map.encode(label_map.decode(train)), train)


@given(label_maps(), st.data())
def test_every_id_goes_to_the_class_that_names_it(label_map, data):
    known = [i for entry in label_map.classes for i in entry.ids] + list(label_map.ignore)
    raw = np.array(data.draw(st.lists(st.sampled_from(known), max_size=30)), np.int64)
    for value, train in zip(raw, label_map.encode(raw), strict=True):
        if train == IGNORE:
            assert value in label_map.ignore
        else:
            assert value in label_map.classes[train].ids


@pytest.mark.parametrize("shape", [(0,), (6,), (2, 3), (1, 2, 3)])
def test_encoding_keeps_the_shape(shape):
    label_map = LabelMap((LabelClass("a", (5,), "#000000"),))
    assert label_map.encode(np.full(shape, 5)).shape == shape


def test_unknown_ids_are_named_and_counted():
    label_map = LabelMap((LabelClass("a", (5,), "#000000"),), (0,))
    with pytest.raises(InputError, match=r"7, 9 \(3 times\).*0, 5.*'ignore'"):
        label_map.encode(np.array([5, 7, 9, 0, 7]))


@pytest.mark.parametrize(
    ("classes", "ignore", "words"),
    [
        ((), (), "no class"),
        ((LabelClass("a", (1,), ""), LabelClass("a", (2,), "")), (), "'a' stands twice"),
        ((LabelClass("a", (1,), ""), LabelClass("b", (1,), "")), (), "id 1 stands twice"),
        ((LabelClass("a", (1,), ""),), (1,), "id 1 stands twice"),
    ],
)
def test_ambiguous_maps_are_refused(classes, ignore, words):
    with pytest.raises(InputError, match=words):
        LabelMap(classes, ignore)


def test_names_and_colours_stand_in_training_order():
    label_map = LabelMap((LabelClass("b", (2,), "#FF8000"), LabelClass("a", (1,), "#000102")))
    assert label_map.names == ("b", "a")
    assert label_map.colours.tolist() == [[255, 128, 0], [0, 1, 2]]
    assert label_map.colours.dtype == np.uint8


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_colours_are_read_as_they_are_written(colour):
    assert rgb("#{:02x}{:02X}{:02x}".format(*colour)) == colour


@pytest.mark.parametrize("text", ["", "#12345", "#1234567", "#12345g", "red", "#12 345"])
def test_other_colours_are_refused(text):
    with pytest.raises(InputError, match="#RRGGBB"):
        rgb(text)
