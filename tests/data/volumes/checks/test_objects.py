"""Broken truth of objects: each fault is found, and sound truth has none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.data.volumes.checks.check import check_dataset
from volseg.data.volumes.checks.objects import object_problems
from volseg.data.volumes.datasets.cases import Case
from volseg.io.volumes.files import write_label_volume


def case(folder: Path, labels: np.ndarray, ids: np.ndarray | None = None) -> Case:
    folder.mkdir(exist_ok=True)
    write_label_volume(folder / "a.tif", labels[..., None])
    if ids is not None:
        (folder / "objects").mkdir(exist_ok=True)
        write_label_volume(folder / "objects" / "a.tif", ids[..., None])
    return Case("a", (folder / "a.tif",), folder / "a.tif")


def sound() -> np.ndarray:
    labels = np.zeros((40, 40), np.int32)
    labels[2:8, 2:8], labels[12:20, 5:9] = 1001, 2001
    return labels


@pytest.mark.parametrize("truth", ["ids", "thousands", "components"])
def test_sound_truth_has_no_problem(tmp_path, truth):
    assert list(object_problems(case(tmp_path / "x", sound()), truth, frozenset({0, 1, 2}))) == []


def test_an_id_in_two_places(tmp_path):
    labels = sound()
    labels[30:36, 30:36] = 1001
    (problem,) = object_problems(case(tmp_path / "x", labels), "ids")
    assert "1 id stands in two places far apart, such as 1001" in problem.message
    labels[30:36, 30:36], labels[2:8, 10:14] = 0, 1001  # near by: what lies between is hidden
    assert list(object_problems(case(tmp_path / "y", labels), "ids")) == []


def test_objects_of_one_cell(tmp_path):
    labels = sound()
    labels[0, 0] = labels[39, 39] = 7
    labels[0, 39] = 9
    problems = list(object_problems(case(tmp_path / "x", labels), "ids"))
    assert any("1 object has one cell: 9" in problem.message for problem in problems)


def test_ids_without_class(tmp_path):
    (problem,) = object_problems(case(tmp_path / "x", sound()), "thousands", frozenset({0, 1}))
    assert "of class 2, which is none" in problem.message
    classes = (sound() // 1000) * (sound() < 2000)
    (problem,) = object_problems(case(tmp_path / "y", classes, sound()), "file")
    assert "objects 2001 have cells of no class" in problem.message


def test_a_missing_file_of_ids(tmp_path):
    (problem,) = object_problems(case(tmp_path / "x", sound()), "file")
    assert problem.severity == "error"


def test_a_dataset_of_objects_is_sound_where_they_are_known(tmp_path):
    for number in range(3):
        for name in ("images", "labels"):
            (tmp_path / name).mkdir(exist_ok=True)
            labels = np.roll(sound(), 5 * number)[..., None]
            image = (labels % 200 + number).astype(np.uint8)
            path = tmp_path / name / f"{number}.tif"
            write_label_volume(path, image if name == "images" else labels)
    assert check_dataset(tmp_path, objects="ids").problems == ()
