from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry import IGNORE, LabelClass, LabelMap
from volseg.geometry.colours import default_colour
from volseg.geometry.labels import UNKNOWN, percent


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


REGIONS = LabelMap(
    (
        LabelClass("whole", (2, 1, 3), "#000001"),
        LabelClass("core", (1, 3), "#000002"),
        LabelClass("enhancing", (3,), "#000003"),
    ),
    ignore=(9,),
    overlap=True,
)


@given(st.lists(st.sampled_from([0, 1, 2, 3, 9]), max_size=30))
def test_regions_flag_every_id_they_hold(ids):
    raw = np.array(ids, np.int64)
    flags = REGIONS.encode(raw)
    assert flags.shape == (3, len(ids))
    for row, region in zip(flags, REGIONS.classes, strict=True):
        wanted = np.where(raw == 9, IGNORE, np.isin(raw, region.ids))
        assert np.array_equal(row, wanted)


@given(st.lists(st.sampled_from([0, 1, 2, 3]), max_size=30))
def test_nested_regions_survive_the_way_to_ids_and_back(ids):
    raw = np.array(ids, np.int64)
    flags = REGIONS.encode(raw)
    assert np.array_equal(REGIONS.decode(flags), raw)
    assert np.array_equal(REGIONS.encode(REGIONS.decode(flags)), flags)


@given(st.lists(st.tuples(*[st.sampled_from([IGNORE, 0, 1])] * 3), min_size=1, max_size=30))
def test_a_cell_is_written_as_the_last_region_it_is_in(cells):
    flags = np.array(cells).T
    first = [one.ids[0] for one in REGIONS.classes]
    wanted = [
        next((i for f, i in zip(c[::-1], first[::-1], strict=True) if f > 0), 0) for c in cells
    ]
    assert REGIONS.decode(flags).tolist() == wanted


@pytest.mark.parametrize("shape", [(0,), (4,), (2, 3, 1)])
def test_flags_stand_before_the_axes_of_the_cells(shape):
    flags = REGIONS.encode(np.full(shape, 3))
    assert flags.shape == (3, *shape)
    assert REGIONS.decode(flags).shape == shape


def test_background_is_in_no_region_and_its_first_id_is_written():
    region = (LabelClass("a", (1,), ""),)
    labels = LabelMap(region, overlap=True, background=(7, 8))
    assert labels.encode(np.array([0, 1, 7, 8])).tolist() == [[0, 1, 0, 0]]  # 0 is none too
    assert labels.decode(np.array([[0, 1]])).tolist() == [7, 1]
    assert labels.nothing == 7
    assert LabelMap(region, overlap=True).nothing == 0
    assert LabelMap((LabelClass("a", (5, 0), ""), LabelClass("b", (1,), ""))).nothing == 5


def test_what_is_nothing_is_encoded_as_nothing():
    for labels in (REGIONS, LabelMap(REGIONS.classes, overlap=True, background=(7,))):
        assert not labels.encode(np.array([labels.nothing])).any()


def test_unknown_ids_of_regions_are_named_too():
    with pytest.raises(InputError, match=r"7 \(1 times\).*0, 1, 2, 3, 9"):
        REGIONS.encode(np.array([1, 7]))


@pytest.mark.parametrize(
    ("classes", "options", "words"),
    [
        ([(1,)], {"background": (0,)}, "'background' goes with 'overlap'"),
        ([(1, 1)], {"overlap": True}, "id 1 stands twice"),
        ([(1, 2), (2,)], {}, "id 2 stands twice"),
        ([(1,)], {"overlap": True, "ignore": (1,)}, "id 1 stands twice"),
        ([(1,)], {"overlap": True, "background": (1,)}, "id 1 stands twice"),
        ([(0, 1), (1,)], {"overlap": True}, "name another id as 'background'"),
        ([(1,)], {"overlap": True, "ignore": (0,)}, "name another id as 'background'"),
    ],
)
def test_ambiguous_regions_are_refused(classes, options, words):
    made = tuple(LabelClass(f"c{n}", ids, "") for n, ids in enumerate(classes))
    with pytest.raises(InputError, match=words):
        LabelMap(made, **options)


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


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0.0%"), (1, "100.0%"), (0.1234, "12.3%"), (0.01, "1.0%"), (0.0005, "0.050%"),
        (0.00996, "1.00%"), (3e-7, "0.000030%"),
    ],
)  # fmt: skip
def test_a_small_share_is_never_shown_as_none(share: float, text: str) -> None:
    assert percent(share) == text


@given(label_maps(), st.lists(st.integers(-2000, 80000), max_size=30), st.booleans())
def test_rest_is_every_id_that_is_named_nowhere(label_map, ids, ignored):
    rest = IGNORE if ignored else 0
    whole = replace(label_map, rest=rest)
    raw = np.array(ids, np.int64)
    known = [i for entry in label_map.classes for i in entry.ids] + list(label_map.ignore)
    named = np.isin(raw, known)
    train = whole.encode(raw)
    assert np.array_equal(train[named], label_map.encode(raw[named]))
    assert (train[~named] == rest).all()


def test_rest_is_no_region():
    with pytest.raises(InputError, match="'rest' does not go with 'overlap'"):
        replace(REGIONS, rest=0)


def test_a_grouping_makes_a_thing_and_a_thing_is_grouped_by_components():
    stuff, thing = LabelClass("a", (1,), ""), LabelClass("b", (2,), "", thing=True)
    tree = LabelClass("c", (3,), "", grouping="centre")
    assert (stuff.thing, stuff.grouping) == (False, None)
    assert (thing.thing, thing.grouping) == (True, "components")
    assert (tree.thing, tree.grouping) == (True, "centre")
    assert LabelMap((stuff, thing, tree)).things == (1, 2)


def test_regions_have_no_objects():
    thing = LabelClass("core", (1,), "", thing=True)
    with pytest.raises(InputError, match=r"regions .* have no objects, and core should"):
        LabelMap((thing,), overlap=True)


@given(label_maps())
def test_a_map_is_made_of_its_names_ids_and_colours(label_map: LabelMap) -> None:
    classes = {entry.name: entry.ids for entry in label_map.classes}
    colours = [entry.colour for entry in label_map.classes]
    assert LabelMap.of(classes, colours, ignore=label_map.ignore) == label_map
    made = LabelMap.of(classes)
    assert [entry.colour for entry in made.classes] == [*map(default_colour, range(len(made)))]


@given(st.lists(st.integers(-1000, 70000), min_size=1, max_size=9))
def test_ids_alone_are_classes_of_their_own_in_order(ids: list[int]) -> None:
    made = LabelMap.of_ids([*ids, UNKNOWN])
    assert made.names == tuple(str(value) for value in sorted(set(ids)))
    assert made.encode(np.array([*ids, UNKNOWN])).tolist() == [
        *(sorted(set(ids)).index(value) for value in ids), IGNORE,
    ]  # fmt: skip
