"""Headers that contradict themselves: sform against qform and pixdim, units that are not mm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry.volume import apart
from volseg.io import (
    read_label_volume,
    read_volume,
    read_volume_header,
    write_label_volume,
)
from volseg.io.volumes.nifti import NiftiCodec

# An oblique grid of uneven spacing, its axes out of order, in float32 as headers hold it.
OBLIQUE = np.array(
    [[0.1, -1.9, 0.3, 7.25], [0.05, 0.2, 3.1, -90.5], [0.6, 0.1, -0.2, 33.125], [0, 0, 0, 1]],
    np.float32,
).astype(np.float64)

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


class TestPlace:
    def header(self, tmp_path, sform=OBLIQUE, codes=(1, 1), **fields):
        image = nib.Nifti1Image(np.ones((4, 5, 6), np.uint8), np.eye(4))
        image.set_qform(np.diag((2, 3, 4, 1)), codes[0])
        image.header["sform_code"] = codes[1]
        for row, name in enumerate(("srow_x", "srow_y", "srow_z")):
            image.header[name] = sform[row]
        for name, value in fields.items():
            image.header[name] = value
        with (tmp_path / "a.nii").open("wb") as stream:
            image.header.write_to(stream)
            stream.write(np.ones(120, np.uint8).tobytes())
        return tmp_path / "a.nii"

    def test_sform_then_qform_then_voxel_sizes(self, tmp_path):
        steps = (1, *np.linalg.norm(OBLIQUE[:3, :3], axis=0), 0, 0, 0, 0)
        assert np.array_equal(read_volume(self.header(tmp_path, pixdim=steps)).affine, OBLIQUE)
        volume = read_volume(self.header(tmp_path, codes=(1, 0)))
        assert np.array_equal(volume.affine, np.diag((2, 3, 4, 1)))
        path = self.header(tmp_path, codes=(0, 0))
        assert np.array_equal(read_volume(path).affine, nib.load(path).affine)

    @pytest.mark.parametrize("bad", [np.zeros((4, 4)), np.full((4, 4), np.nan), np.ones((4, 4))])
    def test_an_unusable_one_gives_way_to_the_other_or_is_refused(self, tmp_path, bad):
        volume = read_volume(self.header(tmp_path, bad))
        assert np.array_equal(volume.affine, np.diag((2, 3, 4, 1)))
        for fields in ({}, {"qform_code": 1, "quatern_b": 3}):
            path = self.header(tmp_path, bad, codes=(0, 1), **fields)
            for reading in (read_volume, read_label_volume):
                with pytest.raises(InputError, match=r"a\.nii: the affine is .*rewrite the file"):
                    reading(path)

    def test_no_spacing_at_all_is_taken_as_one_as_nibabel_does(self, tmp_path):
        path = self.header(tmp_path, codes=(0, 0), pixdim=np.zeros(8))
        assert np.array_equal(read_volume(path).affine, nib.load(path).affine)
        assert np.array_equal(read_volume(path).spacing, (1, 1, 1))

    def test_a_picture_without_a_place_keeps_its_spacing(self, tmp_path):
        image = nib.Nifti1Image(np.ones((4, 5), np.uint8), None)
        image.header["pixdim"][1:4] = 2, 3, 7  # of an axis that is not there
        nib.save(image, tmp_path / "a.nii")
        write_label_volume(
            tmp_path / "b.nii", np.ones((4, 5, 1), np.uint8), like=tmp_path / "a.nii"
        )
        wanted = read_volume(tmp_path / "a.nii")
        assert np.array_equal(wanted.spacing, (2, 3, 1))
        assert np.array_equal(read_label_volume(tmp_path / "b.nii").affine, wanted.affine)


@pytest.mark.parametrize(("unit", "millimetres"), [("meter", 1e3), ("micron", 1e-3), ("mm", 1)])
def test_units_are_told_in_millimetres(tmp_path: Path, unit: str, millimetres: float) -> None:
    affine = np.diag([0.5, 2.0, 3.0, 1.0])
    affine[:3, 3] = (-4.0, 5.0, 6.0)
    scaled = affine.copy()
    scaled[:3] /= millimetres
    image = nib.Nifti1Image(np.zeros((3, 4, 5), np.uint8), scaled)
    image.header.set_xyzt_units(unit)
    path = tmp_path / "a.nii"
    nib.save(image, path)
    np.testing.assert_allclose(read_volume(path).affine, affine, rtol=1e-6)
    write_label_volume(tmp_path / "b.nii", np.ones((3, 4, 5), np.uint8), like=path)
    written = nib.load(tmp_path / "b.nii")
    assert np.array_equal(written.affine, nib.load(path).affine)
    assert written.header["xyzt_units"] == image.header["xyzt_units"]
    np.testing.assert_allclose(read_volume(tmp_path / "b.nii").affine, affine, rtol=1e-6)
