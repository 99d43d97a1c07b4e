"""Headers that contradict themselves: sform against qform and pixdim, units that are not mm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from volseg.geometry.volume import apart
from volseg.io import read_label_volume, read_volume, read_volume_header, write_label_volume
from volseg.io.volumes.nifti import NiftiCodec

GRID = (6, 7, 5)
QFORM = np.array([[-0.8, 0, 0, 40], [0, -0.8, 0, 30], [0, 0, 2.5, -20], [0, 0, 0, 1.0]])
TURNED = np.array([[0, 0.8, 0, 4], [-0.8, 0, 0, 3], [0, 0, 2.5, 9], [0, 0, 0, 1.0]])


def save(
    path: Path, sform: Any = None, qform: Any = QFORM, unit: str = "mm", pixdim: Any = None
) -> Path:
    image = nib.Nifti1Image(np.ones(GRID, np.int16), None)
    image.set_qform(qform, 1 if qform is not None else 0)
    image.set_sform(sform, 2 if sform is not None else 0)
    image.header.set_xyzt_units(unit)
    if pixdim is not None:
        image.header["pixdim"][1:4] = pixdim
    nib.save(image, path)
    return path


SCALED = QFORM @ np.diag((10, 10, 10, 1))
MOVED = QFORM + [[0, 0, 0, 9], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("sform", [np.diag((1, 1, 1, 1.0)), SCALED, np.diag((-2, 1, 2, 1.0))])
@pytest.mark.parametrize(("unit", "millimetres"), [("mm", 1.0), ("micron", 1e-3), ("meter", 1e3)])
def test_a_sform_of_another_spacing_than_pixdim_gives_way_to_the_qform(
    tmp_path: Path, sform: Any, unit: str, millimetres: float
) -> None:
    path = save(tmp_path / "a.nii.gz", sform, unit=unit)
    wanted = np.diag((millimetres, millimetres, millimetres, 1)) @ QFORM
    header = read_volume_header(path)
    for affine in (header.affine, read_volume(path).affine, read_label_volume(path).affine):
        np.testing.assert_allclose(affine, wanted, rtol=1e-5)
    assert "its sform has spacing" in header.doubt
    assert header.doubt.endswith("the qform is taken, which agrees with pixdim")


def test_without_a_qform_pixdim_still_counts(tmp_path: Path) -> None:
    path = save(tmp_path / "a.nii", TURNED @ np.diag((5, 5, 1, 1)), None, pixdim=(0.8, 0.8, 2.5))
    np.testing.assert_allclose(read_volume(path).affine, TURNED, rtol=1e-5)
    assert read_volume_header(path).doubt.endswith("pixdim is taken")


def test_a_qform_or_pixdim_that_says_nothing_is_not_believed(tmp_path: Path) -> None:
    path = save(tmp_path / "a.nii", TURNED, np.eye(4))
    np.testing.assert_allclose(read_volume(path).affine, TURNED, rtol=1e-5)
    assert "the sform is taken" in read_volume_header(path).doubt
    path = save(tmp_path / "b.nii", TURNED, None, pixdim=(1, 1, 1))
    np.testing.assert_allclose(read_volume(path).affine, TURNED, rtol=1e-5)
    assert read_volume_header(path).doubt == ""


@pytest.mark.parametrize("sform", [TURNED, MOVED])
def test_a_sform_of_another_place_is_taken_and_told(tmp_path: Path, sform: Any) -> None:
    path = save(tmp_path / "a.nii.gz", sform)
    np.testing.assert_allclose(read_volume(path).affine, sform, rtol=1e-5)
    assert "voxels apart; the sform is taken" in read_volume_header(path).doubt


def test_a_header_that_agrees_has_no_doubt(tmp_path: Path) -> None:
    for sform, qform in ((QFORM, QFORM), (TURNED, None), (None, QFORM), (None, None)):
        path = save(tmp_path / "a.nii", sform, qform)
        volume = read_volume(path)
        assert (volume.others, read_volume_header(path).doubt) == ((), "")
        np.testing.assert_allclose(volume.affine, nib.load(path).affine, rtol=1e-6)


@pytest.mark.parametrize("sform", [TURNED, MOVED])
def test_a_label_decides_which_place_of_its_image_is_taken(tmp_path: Path, sform: Any) -> None:
    image = read_volume(save(tmp_path / "a.nii.gz", sform))
    label = read_label_volume(save(tmp_path / "b.nii.gz", None))
    assert apart(image, label) < 1e-3
    np.testing.assert_allclose(image.towards(label).affine, label.affine, atol=1e-5)
    same = read_label_volume(save(tmp_path / "c.nii.gz", sform, None))
    np.testing.assert_allclose(image.towards(same).affine, same.affine, atol=1e-5)


def test_a_label_never_decides_the_spacing(tmp_path: Path) -> None:
    image = read_volume(save(tmp_path / "a.nii.gz", SCALED))
    label = read_label_volume(save(tmp_path / "b.nii.gz", SCALED, None, pixdim=(8, 8, 25)))
    assert apart(image, label) < 1e-3
    np.testing.assert_allclose(image.towards(label).affine, QFORM, rtol=1e-5)


def test_predictions_keep_the_header_as_it_is(tmp_path: Path) -> None:
    like = save(tmp_path / "a.nii.gz", MOVED, unit="micron")
    write_label_volume(tmp_path / "b.nii.gz", np.ones(GRID, np.uint8), like=like)
    old, new = (nib.load(path).header for path in (like, tmp_path / "b.nii.gz"))
    for field in ("sform_code", "qform_code", "srow_x", "qoffset_x", "pixdim", "xyzt_units"):
        assert np.array_equal(old[field], new[field])


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_one_place_is_written_into_both(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / name, SCALED, unit="micron")
    affine = read_volume(path).affine
    NiftiCodec().set_place(path, affine)
    volume = read_volume(path)
    assert (volume.others, read_volume_header(path).doubt) == ((), "")
    np.testing.assert_allclose(volume.affine, affine, rtol=1e-5)
    np.testing.assert_array_equal(volume.array, 1)
    header = nib.load(path).header
    assert header.get_xyzt_units()[0] == "micron"
    np.testing.assert_allclose(header.get_sform(), header.get_qform(), atol=1e-4)
