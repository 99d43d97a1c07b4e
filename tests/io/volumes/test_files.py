from __future__ import annotations

import sys

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from volseg.errors import InputError
from volseg.io import (
    read_label_volume,
    read_volume,
    write_label_volume,
)

GRID = (4, 5, 6)
AFFINE = np.diag((2.0, 2.0, 3.0, 1.0))


def save(path, array=None, affine=AFFINE):
    nib.save(nib.Nifti1Image(np.zeros(GRID, np.uint8) if array is None else array, affine), path)
    return path


class TestChannels:
    def test_files_are_channels_in_order(self, tmp_path):
        arrays = [np.full(GRID, value, np.int16) for value in (1, 2, 3)]
        paths = [save(tmp_path / f"{n}.nii", array) for n, array in enumerate(arrays)]
        volume = read_volume(paths)
        assert np.array_equal(volume.array, np.stack(arrays))
        assert volume.array.dtype == np.float32
        assert np.array_equal(read_volume(paths[:1]).array, read_volume(paths[0]).array)

    def test_formats_may_differ(self, tmp_path):
        nib.save(nib.MGHImage(np.full(GRID, 7, np.uint8), AFFINE), tmp_path / "b.mgz")
        volume = read_volume([save(tmp_path / "a.nii.gz"), tmp_path / "b.mgz"])
        assert volume.array.shape == (2, *GRID)

    def test_another_grid_is_refused(self, tmp_path):
        paths = [save(tmp_path / "a.nii"), save(tmp_path / "b.nii", np.zeros((4, 5, 7), "u1"))]
        with pytest.raises(InputError, match=r"b\.nii: grid \(4, 5, 7\) .* of .*a\.nii"):
            read_volume(paths)

    def test_another_place_is_refused_and_rounding_is_not(self, tmp_path):
        for shift, fits in ((1e-5, True), (0.1, False)):
            other = AFFINE.copy()
            other[0, 3] += shift
            paths = [save(tmp_path / "a.nii"), save(tmp_path / "b.nii", None, other)]
            if fits:
                assert len(read_volume(paths).array) == 2
            else:
                with pytest.raises(InputError, match=r"b\.nii: .* of .*a\.nii by up to 0.05 vox"):
                    read_volume(paths)


class TestWriting:
    def test_nothing_is_lost(self, tmp_path):
        like, labels = save(tmp_path / "a.nii"), np.zeros(GRID, np.uint8)
        before = like.read_bytes()
        for wrong in (
            {"path": like, "labels": labels},
            {"path": tmp_path / "b.nii", "labels": labels[:2]},
            {"path": tmp_path / "b.nii", "labels": labels.astype(float)},
            {"path": tmp_path / "b.nii", "labels": np.full(GRID, 2**40)},
            {"path": tmp_path / "b.jpg", "labels": labels},
            {"path": tmp_path / "none" / "b.nii", "labels": labels},
        ):
            with pytest.raises(InputError):
                write_label_volume(wrong["path"], wrong["labels"], like=like)
        assert [path.name for path in tmp_path.iterdir()] == ["a.nii"]
        assert like.read_bytes() == before
        write_label_volume(like, labels + 3, like=like, overwrite=True)
        assert (read_label_volume(like).array == 3).all()

    @pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".mgz"])
    @pytest.mark.parametrize("source", [".nii", ".mgz"])
    def test_another_format_keeps_the_place(self, tmp_path, source, suffix):
        affine = np.array([[0, -1.5, 0.2, 9], [2, 0.1, 0, -8], [0, 0.3, 3, 7], [0, 0, 0, 1]])
        kind = nib.MGHImage if source == ".mgz" else nib.Nifti1Image
        nib.save(kind(np.zeros(GRID, np.uint8), affine), tmp_path / f"a{source}")
        labels = np.arange(120).reshape(GRID)
        write_label_volume(tmp_path / f"b{suffix}", labels, like=tmp_path / f"a{source}")
        again = read_label_volume(tmp_path / f"b{suffix}")
        assert np.array_equal(again.array[0], labels)
        assert np.allclose(again.affine, affine, atol=1e-5)

    def test_a_lossy_format_is_refused_with_the_name_to_use(self, tmp_path):
        Image.new("L", (5, 4)).save(tmp_path / "a.jpg")
        with pytest.raises(InputError, match=r"writes no labels as JPEG; name the output b\.png"):
            write_label_volume(
                tmp_path / "b.jpg", np.zeros((4, 5, 1), int), like=tmp_path / "a.jpg"
            )


def test_the_extra_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    (tmp_path / "a.nrrd").write_bytes(b"NRRD0004\n")
    with pytest.raises(InputError, match=r'a\.nrrd: needs SimpleITK.*pip install "volseg\[medic'):
        read_volume(tmp_path / "a.nrrd")


def test_a_scan_of_one_channel_is_never_taken_for_three(tmp_path):
    nib.save(nib.Nifti1Image(np.zeros((3, 4, 5), np.int16), np.eye(4)), tmp_path / "a.nii")
    assert len(read_volume(tmp_path / "a.nii", channels=3).array) == 1


def test_masks_in_colours_are_their_numbers_where_these_are_wanted(tmp_path):
    colours = np.zeros((4, 5, 3), np.uint8)
    colours[1, 2], colours[3, 4] = (255, 0, 0), (0, 0, 7)
    Image.fromarray(colours).save(tmp_path / "a.png")
    labels = read_label_volume(tmp_path / "a.png", colours=True).array[0, :, :, 0]
    assert (labels[1, 2], labels[3, 4], np.count_nonzero(labels)) == (0xFF0000, 7, 2)
    Image.fromarray(colours[..., :1].repeat(3, axis=2)).save(tmp_path / "gray.png")
    gray = read_label_volume(tmp_path / "gray.png", colours=True).array
    assert set(np.unique(gray)) == {0, 255}
