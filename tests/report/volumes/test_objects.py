"""Objects of volumes: numbers, colours and fates of the voxels drawn, and where the worst lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from volseg.evaluate.volumes.objects import ONE_CLASS
from volseg.evaluate.volumes.pairs import VolumePair
from volseg.geometry.colours import rgb
from volseg.geometry.volume import Volume
from volseg.report.objects import PREDICTED, TRUE
from volseg.report.volumes.case import VolumeCase, read_case
from volseg.report.volumes.objects import CaseObjects
from volseg.report.volumes.results import report_volumes, score_objects

TRUTH = np.zeros((40, 50), np.uint16)
TRUTH[4:14, 5:15], TRUTH[20:30, 5:15], TRUTH[20:30, 15:25] = 3, 7, 900
GUESS = np.zeros_like(TRUTH)
GUESS[4:14, 5:10], GUESS[4:14, 10:15], GUESS[20:30, 5:25], GUESS[33:37, 40:45] = 1, 2, 3, 4


@pytest.fixture
def case(tmp_path: Path) -> VolumeCase:
    for name, array in {"truth": TRUTH, "guess": GUESS, "image": 40 * (TRUTH % 7)}.items():
        (tmp_path / name).mkdir()
        Image.fromarray(array.astype(np.uint16)).save(tmp_path / name / "a.png")
    pair = VolumePair("a", tmp_path / "guess" / "a.png", tmp_path / "truth" / "a.png")
    return VolumeCase(pair, (tmp_path / "image" / "a.png",), objects=True)


def objects(case: VolumeCase) -> CaseObjects:
    _, _, tally = score_objects([case], ONE_CLASS)
    sides = read_case(case, ONE_CLASS).sides
    assert sides is not None
    return CaseObjects(sides, tally.evaluation.matching("case-1"), ONE_CLASS.things)


def test_errors_lie_in_their_objects(case: VolumeCase) -> None:
    compared = objects(case)
    errors = compared.errors()
    assert [(one.kind, one.id) for one in errors] == [("merged", 3), ("split", 3), ("false", 4)]
    for error in errors:
        x, y, _ = compared.cell(error)
        assert (TRUTH if error.in_truth else GUESS)[x, y] == error.id


def test_voxels_are_numbered_coloured_and_judged(case: VolumeCase) -> None:
    chosen = tuple(np.indices((40, 50, 1)))
    true, guess = objects(case).drawn(chosen)
    for side, ids in ((true, TRUTH), (guess, GUESS)):
        numbers = side["numbers"][..., 0]
        assert np.array_equal(np.unique(ids, return_inverse=True)[1].reshape(ids.shape), numbers)
        assert len(set(side["colours"])) == len(side["colours"]) == numbers.max()
    assert true["fates"] == [3, 4, 4]
    assert guess["fates"] == [3, 3, 4, 2]


def test_a_picture_has_lines_of_both(case: VolumeCase) -> None:
    compared = objects(case)
    split = compared.errors()[1]
    image = Volume(np.zeros((1, 40, 50, 1), np.float32), np.eye(4))
    for below in (image, None):
        pixels = np.asarray(compared.picture(split, below, (1, 1, 1))).reshape(-1, 3)
        colours = {tuple(pixel) for pixel in pixels.tolist()}
        assert {rgb(TRUE), rgb(PREDICTED)} <= colours


def test_a_report_of_label_images_of_ids(case: VolumeCase, reader: Any) -> None:
    cases, scores, tally = score_objects([case], ONE_CLASS)
    results, (section,) = report_volumes(cases, scores, ONE_CLASS, tally)
    assert results.objects is not None
    assert results.objects.things[0].errors == {"missed": 0, "false": 1, "split": 1, "merged": 1}
    page = reader(section.body)
    assert [one["data-cell"] for one in page.all("button") if "data-cell" in one]
    (data,) = page.data()
    assert data["objects"]["kinds"] == ["missed", "false", "split", "merged"]
