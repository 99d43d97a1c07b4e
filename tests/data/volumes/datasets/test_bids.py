"""BIDS: which files are images, which are labels, and which belong together."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from volseg.data.volumes.datasets.dataset import read_dataset, survey
from volseg.errors import InputError


def add(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nib.save(nib.Nifti1Image(np.zeros((3, 4, 5), np.uint8), np.eye(4)), path)


def test_persons_and_their_visits_are_cases_and_kinds_of_image_channels(tmp_path: Path) -> None:
    for case, folder in (("sub-a_ses-1", "sub-a/ses-1"), ("sub-a_ses-2", "sub-a/ses-2")):
        add(tmp_path, f"{folder}/anat/{case}_T1w.nii.gz", f"{folder}/anat/{case}_FLAIR.nii.gz")
        add(tmp_path, f"{folder}/func/{case}_task-rest_bold.nii.gz")
        add(tmp_path, f"derivatives/manual/{folder}/anat/{case}_desc-lesion_dseg.nii.gz")
        add(tmp_path, f"derivatives/manual/{folder}/anat/{case}_space-MNI152_dseg.nii.gz")
        add(tmp_path, f"derivatives/fmriprep/{folder}/anat/{case}_desc-brain_mask.nii.gz")
    add(tmp_path, "sub-a/ses-1/anat/sub-a_ses-1_T2w.nii.gz")
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "BIDS"
    assert dataset.channels == ("FLAIR", "T1w")
    assert [one.name for one in dataset.cases] == ["sub-a_ses-1", "sub-a_ses-2"]
    assert [one.name for one in dataset.cases[1].images] == [
        "sub-a_ses-2_FLAIR.nii.gz",
        "sub-a_ses-2_T1w.nii.gz",
    ]
    label = dataset.cases[1].label
    assert label is not None
    assert label.name == "sub-a_ses-2_desc-lesion_dseg.nii.gz"


def test_labels_beside_the_images_and_persons_without_one(tmp_path: Path) -> None:
    (tmp_path / "derivatives").mkdir()
    for case in ("sub-1", "sub-2", "sub-3"):
        add(tmp_path, f"{case}/anat/{case}_T1w.nii.gz")
    for case in ("sub-1", "sub-3"):
        add(tmp_path, f"{case}/anat/{case}_T1w_label-lesion_roi.nii.gz")
    dataset, problems = survey(tmp_path)
    assert [one.name for one in dataset.cases] == ["sub-1", "sub-3"]
    assert [(one.case, one.severity) for one in problems] == [("sub-2", "warning")]


def test_label_maps_of_several_kinds_are_not_chosen_from(tmp_path: Path) -> None:
    add(tmp_path, "sub-1/anat/sub-1_T1w.nii.gz")
    for pipeline in ("fs", "manual"):
        add(tmp_path, f"derivatives/{pipeline}/sub-1/anat/sub-1_dseg.nii.gz")
    with pytest.raises(InputError, match=r"2 kinds: fs/dseg, manual/dseg; wanted one: name them"):
        read_dataset(tmp_path)


def test_without_labels_the_files_wanted_are_named(tmp_path: Path) -> None:
    (tmp_path / "derivatives").mkdir()
    add(tmp_path, "sub-1/anat/sub-1_T1w.nii.gz")
    with pytest.raises(InputError, match=r"wanted derivatives/\.\.\./sub-\*_dseg\.nii\.gz"):
        read_dataset(tmp_path)


def test_a_kind_of_image_that_few_persons_have_is_no_channel(tmp_path: Path) -> None:
    for case in ("sub-1", "sub-2", "sub-3"):
        add(tmp_path, f"{case}/anat/{case}_T1w.nii.gz")
        add(tmp_path, f"derivatives/labels/{case}/anat/{case}_dseg.nii.gz")
    add(tmp_path, "sub-2/anat/sub-2_T2w.nii.gz")
    dataset, problems = survey(tmp_path)
    assert (len(dataset.cases), dataset.channels, problems) == (3, ("T1w",), [])
