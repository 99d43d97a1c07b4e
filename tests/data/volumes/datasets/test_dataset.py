"""Datasets: the layouts people have, and files that are missing or there twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.volumes.datasets.layouts import DECATHLON, describe, touch
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.errors import InputError


class TestNoDataset:
    @pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"training": [3]}'])
    def test_bad_descriptions(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "dataset.json").write_text(text)
        with pytest.raises(InputError) as caught:
            read_dataset(tmp_path)
        assert caught.value.path == tmp_path / "dataset.json"

    @pytest.mark.parametrize("files", ["notes.txt", "images/a.nii", "images/a.txt labels/a.nii"])
    def test_folders_without_one(self, tmp_path: Path, files: str) -> None:
        with pytest.raises(InputError, match="wanted"):
            read_dataset(touch(tmp_path, files))

    def test_nothing_there(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="does not exist"):
            read_dataset(tmp_path / "nowhere")
        describe(tmp_path, **DECATHLON, training=[])
        with pytest.raises(InputError, match="no training case"):
            read_dataset(tmp_path)


@pytest.mark.parametrize(
    ("folder", "layout", "cases", "classes"),
    [
        ("mri/Task04_Hippocampus", "Decathlon", 208, [0, 1, 2]),
        ("mri/Dataset105_Prostate", "nnU-Net", 18, [0, 1, 2]),
        ("img2d/isbi2012_em", "image and label", 24, None),
        ("img2d/drive_retina", "images and 1st_manual", 20, None),
    ],
)
def test_real_datasets(
    shared_data: Path, folder: str, layout: str, cases: int, classes: list[int] | None
) -> None:
    dataset = read_dataset(shared_data / folder)
    assert (dataset.layout, len(dataset.cases)) == (layout, cases)
    ids = dataset.classes and [value for ids in dataset.classes.values() for value in ids]
    assert ids == classes
