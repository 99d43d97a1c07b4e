"""A folder of masks is one label map: ids by the order of names, small ones over large ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from volseg.errors import InputError
from volseg.io import read_label_volume, read_volume_header
from volseg.io.volumes.structures import paint, structures

GRID = (4, 5, 6)
AFFINE = np.diag((1.5, 1.5, 3.0, 1.0))


def save(path: Path, voxels: Any, value: int = 1, grid: tuple[int, ...] = GRID) -> Path:
    mask = np.zeros(grid, np.uint8)
    mask[voxels] = value
    nib.save(nib.Nifti1Image(mask, AFFINE), path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "segmentations"
    made.mkdir()
    save(made / "liver.nii.gz", np.s_[:3], value=255)
    save(made / "cyst.nii.gz", np.s_[1, 1, 1])
    save(made / "spleen.nii.gz", np.s_[3])
    return made


def test_ids_follow_the_names_and_what_lies_within_another_is_seen(folder: Path) -> None:
    assert [*structures(folder)] == ["cyst", "liver", "spleen"]
    volume, header = read_label_volume(folder), read_volume_header(folder)
    wanted = np.zeros(GRID, np.uint8)
    wanted[:3], wanted[1, 1, 1], wanted[3] = 2, 1, 3
    assert np.array_equal(volume.array[0], wanted)
    assert np.array_equal(volume.affine, AFFINE)
    assert (header.grid, header.channels, header.dtype) == (GRID, 1, np.uint8)


def test_masks_that_are_missing_leave_their_ids_out(folder: Path) -> None:
    painted = paint([None, folder / "spleen.nii.gz", None]).array
    assert np.unique(painted).tolist() == [0, 2]
    with pytest.raises(InputError, match="no mask is there"):
        paint([None, None])


def test_what_is_no_mask_and_another_grid_is_refused(folder: Path) -> None:
    save(folder / "odd.nii.gz", np.s_[0], grid=(4, 5, 7))
    with pytest.raises(InputError, match=r"odd\.nii\.gz: has grid \(4, 5, 7\)"):
        read_label_volume(folder)
    mask = np.zeros(GRID, np.uint8)
    mask[0], mask[1] = 1, 2
    nib.save(nib.Nifti1Image(mask, AFFINE), folder / "odd.nii.gz")
    with pytest.raises(InputError, match="is no mask of one structure"):
        read_label_volume(folder)


def test_an_empty_folder_and_a_name_twice_are_refused(folder: Path, tmp_path: Path) -> None:
    save(folder / "cyst.nii", np.s_[0])
    with pytest.raises(InputError, match="two masks of one name"):
        structures(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="without masks"):
        structures(tmp_path / "empty")
