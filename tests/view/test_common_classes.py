"""Errors where nobody names the classes: those divided differently are one, the rest is said."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.geometry import LabelMap, PointCloud
from volseg.geometry.labels import UNKNOWN
from volseg.geometry.volume import Volume
from volseg.view.common_classes import Comparison, compare_ids
from volseg.view.scans.scene import ScanScene
from volseg.view.scene import Look
from volseg.view.volumes.aligned import AlignedVolumes
from volseg.view.volumes.scene import VolumeScene


def compared(guess: list[int], true: list[int], *, asprs: bool = True) -> Comparison:
    return compare_ids(np.array(guess), np.array(true), asprs=asprs)


@pytest.mark.parametrize(
    ("guess", "true", "merged"),
    [
        ([2, 5, 5, 6], [2, 3, 5, 6], (3, 4, 5)),
        ([2, 3, 3, 6], [2, 3, 4, 5], (3, 4, 5)),
        ([2, 3, 4, 5], [2, 5, 5, 5], (3, 4, 5)),
        ([2, 7, 7], [2, 7, 18], (7, 18)),
        ([2, 2, 6], [2, 8, 6], (2, 8)),
    ],
)
def test_a_family_divided_differently_is_one_class(
    guess: list[int], true: list[int], merged: tuple[int, ...]
) -> None:
    found = compared(guess, true)
    assert isinstance(found.labels, LabelMap)
    assert merged in [one.ids for one in found.labels.classes]
    listed = ", ".join(map(str, merged))
    assert found.heading == f"errors by class id, {listed} as one"
    assert f"{listed} are one class" in found.note
    assert "--model" in found.note


@pytest.mark.parametrize(
    ("guess", "true"), [([2, 3, 4, 5], [2, 5, 4, 3]), ([2, 6], [2, 2]), ([2, 2], [6, 2][::-1])]
)
def test_a_family_divided_alike_keeps_its_classes(guess: list[int], true: list[int]) -> None:
    assert compared(guess, true).labels is None


def test_ids_of_other_fields_are_no_families() -> None:
    found = compared([2, 5, 5, 5], [2, 3, 4, 5], asprs=False)
    assert found.labels is None
    assert "3, 4 of the truth (50.0 %) is nowhere in the prediction" in found.note
    assert compared([1, 2], [2, 1], asprs=False) == Comparison(None, "errors by class id")


def test_what_was_never_classified_counts_nowhere() -> None:
    found = compared([2, 2, 6], [2, 0, 6])
    assert found.labels is not None
    assert found.labels.ignore == (0,)
    assert "never classified" in found.note
    assert compared([0, 2], [0, 0]).labels is None


def test_a_scan_without_label_map_is_judged_in_the_classes_of_both() -> None:
    guess, true = np.array([2, 5, 5, 5, 6, 2, 1, 2]), np.array([2, 3, 4, 5, 6, 6, 65, 0])
    cloud = PointCloud(np.arange(24.0).reshape(8, 3), labels=guess, label_field="classification")
    scene = ScanScene("a", cloud, truth=true, most=9)
    assert scene.wrong.tolist() == [False] * 5 + [True, True, False]
    heading = scene.legend(Look("error"))
    assert heading.title == "errors by class id, 3, 4, 5 as one"
    assert "28.6 %" in heading.entries[1].name  # two of the seven that have a truth
    assert "65 of the truth (12.5 %) is nowhere in the prediction" in scene.note


def test_truth_that_is_no_class_id_counts_nowhere() -> None:
    guess, true = np.array([2, 5, 6, 6]), np.array([UNKNOWN, 4, 6, 2])
    cloud = PointCloud(np.arange(12.0).reshape(4, 3), labels=guess, label_field="classification")
    for truth in (true, np.where(true == 4, 5, true)):
        scene = ScanScene("a", cloud, truth=truth, most=9)
        assert scene.wrong.tolist() == [False, False, False, True]
        assert "33.3 %" in scene.legend(Look("error")).entries[1].name
        assert str(UNKNOWN) not in scene.note


def test_a_volume_says_which_ids_are_never_predicted() -> None:
    true = np.zeros((1, 4, 4, 4), np.int16)
    true[0, 1:3, 1:3, 1], true[0, 0, 0, 0] = 1, 3
    guess = Volume(np.where(true == 3, 0, true), np.eye(4))
    scene = VolumeScene(AlignedVolumes("a", labels=guess, truth=Volume(true, np.eye(4))))
    assert "3 of the truth (1.6 %) is nowhere in the prediction" in scene.note
    assert scene.legend(Look("error")).title == "errors by class id"
    alone = VolumeScene(AlignedVolumes("a", labels=guess))
    assert alone.note == ""
