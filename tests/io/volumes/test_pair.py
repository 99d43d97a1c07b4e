"""Pairs of ``.hdr`` and ``.img``, written by nibabel: NIfTI's and Analyze's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from volseg.errors import InputError
from volseg.io import read_label_volume, read_volume, read_volume_header, write_label_volume
from volseg.io.volumes.formats import is_listed_volume, volume_stem

AFFINE = np.array([[-2, 0, 0, 5], [0, 3, 0, 6], [0, 0, 4, 7], [0, 0, 0, 1.0]])
VOXELS = np.random.default_rng(0).integers(0, 99, (3, 4, 5)).astype(np.int16)


@pytest.mark.parametrize("kind", [nib.Nifti1Pair, nib.Nifti2Pair])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_both_names_of_a_nifti_pair_give_its_volume(tmp_path: Path, kind: Any, suffix: str) -> None:
    nib.save(kind(VOXELS, AFFINE), tmp_path / f"a.img{suffix}")
    for name in (f"a.img{suffix}", f"a.hdr{suffix}"):
        volume = read_volume(tmp_path / name)
        assert np.array_equal(volume.array[0], VOXELS)
        assert np.allclose(volume.affine, AFFINE)
        assert read_volume_header(tmp_path / name).grid == (3, 4, 5)
        assert volume_stem(tmp_path / name) == "a"


@pytest.mark.parametrize("kind", [nib.AnalyzeImage, nib.Spm99AnalyzeImage, nib.Spm2AnalyzeImage])
@pytest.mark.parametrize("order", ["<", ">"])
def test_analyze_is_read_with_its_spacing(tmp_path: Path, kind: Any, order: str) -> None:
    header = kind.header_class(endianness=order)
    nib.save(kind(VOXELS, np.diag([-2, 3, 4, 1.0]), header), tmp_path / "a.img")
    volume = read_volume(tmp_path / "a.img")
    assert np.array_equal(volume.array[0], VOXELS)
    assert np.allclose(volume.affine, nib.load(tmp_path / "a.hdr").header.get_best_affine())
    assert volume.spacing.tolist() == [2, 3, 4]


def test_spms_origin_and_scale_are_kept(tmp_path: Path) -> None:
    header = nib.Spm99AnalyzeHeader()
    header.set_data_shape(VOXELS.shape)
    header.set_data_dtype(np.int16)
    header.set_zooms((2, 3, 4))
    header["origin"][:3] = (2, 1, 3)
    header["scl_slope"] = 0.5
    (tmp_path / "a.hdr").write_bytes(header.binaryblock)
    (tmp_path / "a.img").write_bytes(VOXELS.tobytes(order="F"))
    volume = read_volume(tmp_path / "a.img")
    assert np.array_equal(volume.array[0], VOXELS * 0.5)
    assert np.allclose(volume.affine, [[-2, 0, 0, 2], [0, 3, 0, 0], [0, 0, 4, -8], [0, 0, 0, 1]])


def test_half_a_pair_says_what_is_missing(tmp_path: Path) -> None:
    nib.save(nib.Nifti1Pair(VOXELS, AFFINE), tmp_path / "a.img")
    (tmp_path / "a.img").rename(tmp_path / "b.img")
    with pytest.raises(InputError, match=r"a\.hdr: lacks a\.img, which belongs to it"):
        read_volume(tmp_path / "a.hdr")
    with pytest.raises(InputError, match=r"b\.img: lacks b\.hdr"):
        read_volume(tmp_path / "b.img")
    with pytest.raises(InputError, match="does not exist"):
        read_volume(tmp_path / "c.img")


def test_what_is_no_header_and_what_is_cut_short_is_refused(tmp_path: Path) -> None:
    nib.save(nib.Nifti1Pair(VOXELS, AFFINE), tmp_path / "a.img")
    (tmp_path / "a.img").write_bytes((tmp_path / "a.img").read_bytes()[:-9])
    with pytest.raises(InputError, match="cut short"):
        read_volume(tmp_path / "a.img")
    (tmp_path / "a.hdr").write_text("ENVI\nsamples = 3\n" + " " * 400)
    with pytest.raises(InputError, match="no header of NIfTI or Analyze"):
        read_volume(tmp_path / "a.img")


def test_a_folder_lists_a_pair_once_and_its_labels_are_nifti(tmp_path: Path) -> None:
    nib.save(nib.Nifti1Pair(VOXELS, AFFINE), tmp_path / "a.img")
    assert [one.name for one in sorted(tmp_path.iterdir()) if is_listed_volume(one)] == ["a.img"]
    ids = (VOXELS % 3).astype(np.uint8)
    write_label_volume(tmp_path / "l.nii", ids, like=tmp_path / "a.img")
    found = read_label_volume(tmp_path / "l.nii")
    assert np.array_equal(found.array[0], ids)
    assert np.allclose(found.affine, AFFINE)
    with pytest.raises(InputError, match=r"writes no labels as NIfTI pair; name the output"):
        write_label_volume(tmp_path / "l.img", ids, like=tmp_path / "a.img")
