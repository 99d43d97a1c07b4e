"""The check: what is wrong is found, and nothing else; what is repaired is sound afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.data.volumes.checks.broken import (
    ERRORS,
    LPS,
    SHAPE,
    Break,
    Made,
    both,
    contradict,
    cut,
    image_of,
    label_of,
    moved,
    save,
    with_id,
)
from tests.heard import Heard
from volseg.data.volumes.checks.check import check_dataset
from volseg.geometry.labels import LabelClass, LabelMap

# What a remedy begins with: it tells what to do.
ORDERS = {
    "add", "copy", "correct", "draw", "export", "give", "have", "lay",
    "make", "name", "replace", "resample", "rewrite", "save", "turn",
}  # fmt: skip
WARNINGS: dict[str, tuple[Break, str, str]] = {
    "tenth of a voxel": (lambda d: save(d.label, label_of(1), moved(0.05)), "label", "0.05 voxels"),
    "empty label": (lambda d: save(d.label, np.zeros(SHAPE, np.uint8)), "label", "background al"),
    "odd spacing": (lambda d: both(d, LPS * [1, 1, 5, 1]), "image", "most others' 0.8 x 0.8 x 2"),
    "twin": (lambda d: save(d.image, image_of(0)), "image", "same image as that of a"),
    "orphan": (lambda d: d.label.with_name("z.nii.gz").write_bytes(b""), "z.nii.gz", "no image"),
}


class TestProblems:
    def test_a_sound_dataset_has_none(self, made: Made) -> None:
        report = check_dataset(made.folder)
        assert report.problems == ()
        assert not report.broken
        wanted = "3 cases, 1 channel, spacing 0.8 x 0.8 x 2, no problem found"
        assert report.summary() == wanted

    @pytest.mark.parametrize("name", ERRORS)
    def test_errors(self, made: Made, name: str) -> None:
        spoil, part, said = ERRORS[name]
        spoil(made)
        report = check_dataset(made.folder)
        (error,) = [one for one in report.problems if one.severity == "error"]
        assert (error.case, error.path) == ("b", getattr(made, part))
        assert said in error.message
        assert error.remedy.split()[0] in ORDERS | {"`volseg"}
        assert report.broken

    @pytest.mark.parametrize("name", WARNINGS)
    def test_warnings(self, made: Made, name: str) -> None:
        spoil, part, said = WARNINGS[name]
        spoil(made)
        report = check_dataset(made.folder)
        (problem,) = report.problems
        assert problem.severity == "warning"
        path = getattr(made, part, made.label.with_name(part))
        assert problem.path == path
        assert said in problem.message
        assert problem.remedy.split()[0] in ORDERS | {"remove"}
        assert not report.broken

    @given(st.floats(-9e-4, 9e-4), st.integers(0, 2))
    @settings(max_examples=20, deadline=None)
    def test_rounding_is_no_problem(
        self, tmp_path_factory: pytest.TempPathFactory, shift: float, axis: int
    ) -> None:
        made = Made(tmp_path_factory.mktemp("data"))
        affine = LPS.copy()
        affine[axis, 3] += shift * 0.8
        save(made.label, label_of(1), affine)
        assert made.check() == ()

    def test_all_are_found_at_once(self, made: Made) -> None:
        save(made.folder / "imagesTr/a_0000.nii.gz", np.zeros(SHAPE, np.float32))
        cut(made.image)
        save(made.label, with_id(9))
        (made.folder / "labelsTr/c.nii.gz").unlink()
        report = check_dataset(made.folder)
        assert [one.case for one in report.problems] == ["a", "b", "b", "c"]
        assert report.summary().startswith("2 cases, 1 channel, ")
        assert report.summary().endswith(", 4 errors")

    def test_a_class_that_nobody_has(self, made: Made) -> None:
        for name in "abc":
            save(made.folder / f"labelsTr/{name}.nii.gz", (label_of(0) > 0).astype(np.uint8))
        (problem,) = made.check()
        assert (problem.case, problem.severity) == ("", "warning")
        assert "class gland (4)" in problem.message

    def test_another_number_of_cases_than_the_dataset_says(self, made: Made) -> None:
        said = json.loads((made.folder / "dataset.json").read_text())
        (made.folder / "dataset.json").write_text(json.dumps(said | {"numTraining": 48}))
        (problem,) = made.check()
        assert problem.severity == "warning"
        assert problem.message == "says numTraining 48; 3 cases are there"

    def test_one_flat_channel_of_several(self, made: Made) -> None:
        for name in "abc":
            array = np.stack([image_of(ord(name)), np.zeros(SHAPE, np.float32)], -1)
            save(made.folder / f"imagesTr/{name}_0000.nii.gz", array)
        said = json.loads((made.folder / "dataset.json").read_text())
        said["channel_names"]["1"] = "DWI"
        (made.folder / "dataset.json").write_text(json.dumps(said))
        problems = made.check()
        assert {one.severity for one in problems} == {"warning"}
        assert {one.message for one in problems} == {"channel 1 has the value 0 everywhere"}

    def test_other_classes(self, made: Made) -> None:
        classes = (LabelClass("rest", (0,), "#000000"), LabelClass("zone", (1,), "#FFFFFF"))
        assert len(made.check(labels=LabelMap(classes))) == 3
        assert made.check(labels=LabelMap(classes, ignore=(4,))) == ()

    @pytest.mark.parametrize("threads", [1, 3])
    def test_progress(self, made: Made, threads: int) -> None:
        heard = Heard()
        made.check(threads=threads, progress=heard)
        assert heard.works == [("checking", done, 3) for done in range(4)]

    def test_jpeg_labels(self, tmp_path: Path) -> None:
        for folder in ("images", "masks"):
            (tmp_path / folder).mkdir()
            blocks = np.kron(np.eye(3), np.ones((8, 8))).astype(np.uint8) * 255
            Image.fromarray(blocks).save(tmp_path / folder / "a.jpg")
        problem, _ = check_dataset(tmp_path).problems  # and one case is too few
        assert problem.path == tmp_path / "masks/a.jpg"
        assert problem.remedy == "save the label as PNG"

    @pytest.mark.parametrize("sform", [np.eye(4), moved(3), LPS @ np.diag((3, 3, 3, 1))])
    def test_a_header_that_contradicts_itself(self, made: Made, sform: Any) -> None:
        contradict(made.image, sform)
        (problem,) = made.check()
        assert (problem.path, problem.severity, problem.repair) == (made.image, "warning", "place")
        assert "its sform" in problem.message
        assert "is taken" in problem.remedy
        assert "have it written into both (--fix OUT)" in problem.remedy


@pytest.mark.parametrize(
    ("folder", "summary"),
    [
        ("mri/Dataset105_Prostate", "18 cases, 1 channel, spacing 0.625 x 0.625 x 3.6"),
        ("img2d/isbi2012_em", "24 cases, 1 channel, spacing 1 x 1 x 1"),
        ("img2d/drive_retina", "20 cases, 3 channels, spacing 1 x 1 x 1"),
    ],
)
def test_real_datasets_are_sound(shared_data: Path, folder: str, summary: str) -> None:
    report = check_dataset(shared_data / folder)
    assert report.problems == ()
    assert report.summary() == f"{summary}, no problem found"
