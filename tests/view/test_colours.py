from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import LabelClass, LabelMap, PointCloud
from volseg.view import ColourBar, Entry, colour_by, colour_errors, modes
from volseg.view.classes import IGNORED
from volseg.view.colours import CORRECT, WRONG
from volseg.view.palette import ASPRS, RAMP, id_colour, ramp

LABELS = LabelMap(
    (LabelClass("ground", (2, 11), "#102030"), LabelClass("tree", (5,), "#40FF60")), ignore=(0,)
)


def cloud(n: int = 3, **attributes: object) -> PointCloud:
    labels = attributes.pop("labels", None)
    field = attributes.pop("label_field", None)
    arrays = {name: np.asarray(values) for name, values in attributes.items()}
    xyz = np.arange(3.0 * n).reshape(n, 3)
    ids = None if labels is None else np.asarray(labels)
    return PointCloud(xyz, arrays, labels=ids, label_field=field)  # type: ignore[arg-type]


def test_classes_take_the_colours_of_the_label_map() -> None:
    colours, legend = colour_by(cloud(4, labels=[11, 5, 2, 0]), "class", LABELS)
    assert colours.dtype == np.uint8
    assert colours.tolist() == [[16, 32, 48], [64, 255, 96], [16, 32, 48], list(IGNORED)]
    assert legend.entries == (
        Entry("ground", (16, 32, 48)),
        Entry("tree", (64, 255, 96)),
        Entry("ignored", IGNORED),
    )


def test_an_id_outside_the_label_map_is_refused() -> None:
    with pytest.raises(InputError, match="class id 9"):
        colour_by(cloud(labels=[2, 5, 9]), "class", LABELS)


def test_las_classes_have_their_standard_names() -> None:
    colours, legend = colour_by(cloud(labels=[6, 2, 200], label_field="classification"), "class")
    assert [entry.name for entry in legend.entries] == ["2  ground", "6  building", "200"]
    by_name = {entry.name: entry.colour for entry in legend.entries}
    assert colours.tolist() == [
        list(by_name["6  building"]), list(by_name["2  ground"]), list(id_colour(200))
    ]  # fmt: skip


def test_ids_of_other_formats_are_not_given_las_names() -> None:
    _, legend = colour_by(cloud(labels=[2, 2, 6], label_field="label"), "class")
    assert legend.entries == (Entry("2", id_colour(2)), Entry("6", id_colour(6)))


def test_the_first_ids_have_colours_of_their_own() -> None:
    assert len({id_colour(value) for value in range(-1, 256)}) == 257
    assert len({colour for _, colour in ASPRS.values()}) == len(ASPRS)


def test_height_is_in_metres_and_rises_with_the_ramp() -> None:
    feet = PointCloud(np.array([[0, 0, 10.0], [0, 0, 20.0]]), metres_per_unit=(0.5, 0.5, 0.5))
    colours, legend = colour_by(feet, "height")
    assert legend.bar == ColourBar(pytest.approx(5.05), pytest.approx(9.95), "m")
    assert colours.tolist() == ramp(np.array([0.0, 1.0])).tolist()


def test_the_ramp_passes_its_anchors() -> None:
    places = np.linspace(0, 1, len(RAMP))
    assert ["#{:02X}{:02X}{:02X}".format(*colour) for colour in ramp(places)] == list(RAMP)
    assert (ramp(np.array([-1.0, 2.0])) == ramp(np.array([0.0, 1.0]))).all()


def test_the_ramp_grows_lighter_throughout() -> None:
    linear = (ramp(np.linspace(0, 1, 200)) / 255.0) ** 2.2
    assert (np.diff(linear @ [0.2126, 0.7152, 0.0722]) > 0).all()


def test_a_few_glints_do_not_flatten_the_rest() -> None:
    values = np.concatenate([np.linspace(0, 100, 1000), [1e9] * 5])
    colours, legend = colour_by(cloud(1005, intensity=values), "intensity")
    assert legend.bar is not None
    assert legend.bar.high < 101
    assert len(np.unique(colours[:1000], axis=0)) > 100


def test_values_that_are_not_there_are_grey_and_said_so() -> None:
    colours, legend = colour_by(cloud(echo=[0.0, np.nan, 1.0]), "echo")
    assert tuple(colours[1]) == IGNORED
    assert legend.entries == (Entry("no value", IGNORED),)


def test_a_constant_attribute_has_one_colour() -> None:
    colours, legend = colour_by(cloud(intensity=[7, 7, 7]), "intensity")
    assert len(np.unique(colours, axis=0)) == 1
    assert legend.bar == ColourBar(7.0, 7.0)


@pytest.mark.parametrize(
    ("factor", "kind"), [(1, np.uint8), (257, np.uint16), (1 / 255, np.float32)]
)
def test_colours_of_any_depth_come_out_the_same(factor: float, kind: type) -> None:
    wanted = np.array([[255, 0, 10], [0, 128, 255], [1, 2, 3]])
    stored = (wanted * factor).astype(kind)
    scan = cloud(red=stored[:, 0], green=stored[:, 1], blue=stored[:, 2])
    assert colour_by(scan, "colour")[0].tolist() == wanted.tolist()


def test_confidence_spans_zero_to_one() -> None:
    scan = cloud(2).with_labels(np.array([1, 1]), np.array([0.5, 1.0]))
    colours, legend = colour_by(scan, "confidence")
    assert legend.bar == ColourBar(0.0, 1.0)
    assert colours.tolist() == ramp(np.array([0.5, 1.0])).tolist()


def test_modes_list_what_the_scan_has_most_telling_first() -> None:
    black = dict.fromkeys(("red", "green", "blue"), np.zeros(3, np.uint16))
    scan = cloud(labels=[1, 2, 3], time=[1.0, 2, 3], intensity=[1, 2, 3], rgbs=np.zeros((3, 3)))
    assert modes(scan) == ("class", "height", "intensity", "time")
    assert "colour" not in modes(cloud(**black))
    assert modes(cloud()) == ("height",)


def test_every_mode_listed_colours() -> None:
    scan = cloud(labels=[1, 2, 3], red=[1, 2, 3], green=[1, 2, 3], blue=[1, 2, 3], gps=[1.0, 2, 3])
    for mode in modes(scan):
        assert colour_by(scan, mode)[0].shape == (3, 3)


def test_a_missing_attribute_lists_what_there_is() -> None:
    with pytest.raises(InputError, match="'class'; this scan offers height, intensity"):
        colour_by(cloud(intensity=[1, 2, 3]), "class")


def test_names_are_found_in_any_case() -> None:
    assert colour_by(cloud(Intensity=[1, 2, 3]), "intensity")[1].title == "Intensity"


def test_errors_are_red_and_ignored_truth_counts_nowhere() -> None:
    colours, legend = colour_errors(np.array([11, 5, 2, 0, 2]), np.array([2, 2, 0, 5, 2]), LABELS)
    assert [tuple(colour) for colour in colours.tolist()] == [
        CORRECT, WRONG, IGNORED, WRONG, CORRECT
    ]  # fmt: skip
    assert [entry.name for entry in legend.entries] == ["correct", "wrong (50.0 %)", "ignored"]


def test_errors_without_a_label_map_compare_ids() -> None:
    colours, legend = colour_errors(np.array([11, 5]), np.array([2, 5]))
    assert [tuple(colour) for colour in colours.tolist()] == [WRONG, CORRECT]
    assert len(legend.entries) == 2


def test_errors_want_labels_of_one_length() -> None:
    with pytest.raises(InputError, match="2 predicted and 3 true"):
        colour_errors(np.zeros(2, int), np.zeros(3, int))


def test_objects_are_a_mode_where_there_are_any() -> None:
    scan = replace(cloud(3), instances=np.array([0, 5, 9]))
    assert "object" in modes(scan)
    assert "object" not in modes(cloud(3))
    colours, legend = colour_by(scan, "object")
    assert (legend.title, [entry.name for entry in legend.entries]) == ("2 objects", ["no object"])
    assert len(np.unique(colours, axis=0)) == 3
    with pytest.raises(InputError, match="cannot colour by 'object'"):
        colour_by(cloud(3), "object")
