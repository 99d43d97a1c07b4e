"""Datasets of two folders, whatever they and their files are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.volumes.datasets.layouts import table, touch
from volseg.data.volumes.datasets.dataset import read_dataset, survey
from volseg.errors import InputError


class TestFolders:
    @pytest.mark.parametrize(
        ("files", "cases"),
        [
            (
                "images/a.png images/b.tif labels/a.png labels/b.tif images/Thumbs.db",
                {"a": ["images/a.png", "labels/a.png"], "b": ["images/b.tif", "labels/b.tif"]},
            ),
            (  # DRIVE; its masks are fields of view
                "images/21_training.tif 1st_manual/21_manual1.gif mask/21_training_mask.gif",
                {"21_training": ["images/21_training.tif", "1st_manual/21_manual1.gif"]},
            ),
            ("Image/0.png Masks/0.png", {"0": ["Image/0.png", "Masks/0.png"]}),
            (
                "imagesTr/a_0000.nii imagesTr/a_0001.nii labelsTr/a_seg.nii.gz",
                {"a": ["imagesTr/a_0000.nii", "imagesTr/a_0001.nii", "labelsTr/a_seg.nii.gz"]},
            ),
            (  # numbers of cases, not of channels
                "images/s_0000.nii images/s_0001.nii labels/s_0000.nii labels/s_0001.nii",
                {
                    "s_0000": ["images/s_0000.nii", "labels/s_0000.nii"],
                    "s_0001": ["images/s_0001.nii", "labels/s_0001.nii"],
                },
            ),
        ],
    )
    def test_layouts(self, tmp_path: Path, files: str, cases: dict[str, list[str]]) -> None:
        dataset, problems = survey(touch(tmp_path, files))
        assert table(dataset) == cases
        assert problems == []
        assert (dataset.classes, dataset.channels) == (None, None)

    @pytest.mark.parametrize(
        ("files", "at", "said", "severity"),
        [
            ("images/b.nii", "images/b.nii", "no label", "error"),
            ("labels/b.nii", "labels/b.nii", "no image", "warning"),
            ("images/a.nii.gz", "images/a.nii.gz", "another file of this name", "error"),
            ("labels/a.nii.gz", "labels/a.nii.gz", "another file of this name", "error"),
        ],
    )
    def test_missing_and_doubled(
        self, tmp_path: Path, files: str, at: str, said: str, severity: str
    ) -> None:
        dataset, (problem,) = survey(touch(tmp_path, f"images/a.nii labels/a.nii {files}"))
        assert list(table(dataset)) == ["a"]
        assert (problem.path, problem.severity) == (tmp_path / at, severity)
        assert said in problem.message
        if severity == "error":
            with pytest.raises(InputError, match=said) as caught:
                read_dataset(tmp_path)
            assert caught.value.path == tmp_path / at

    def test_a_channel_that_one_case_lacks(self, tmp_path: Path) -> None:
        images = "images/a_0000.nii images/a_0001.nii images/b_0001.nii"
        touch(tmp_path, f"{images} labels/a.nii labels/b.nii")
        dataset, (problem,) = survey(tmp_path)
        assert list(table(dataset)) == ["a"]
        assert problem.path == tmp_path / "images/b_0000.nii"
