"""Facts of volumes: their grid, place, values and labels."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from volseg.io import describe_volume


class TestVolumes:
    def test_labels_on_an_oblique_grid(self, tmp_path):
        turn = np.radians(10)
        affine = np.eye(4)
        affine[:2, :2] = [[-np.cos(turn), -np.sin(turn)], [np.sin(turn), -np.cos(turn)]]
        affine[:3, :3] *= (0.5, 0.5, 3)
        array = np.zeros((4, 5, 6), np.int16)
        array[0, 0, :3] = 7
        nib.save(nib.Nifti1Image(array, affine), tmp_path / "a.nii.gz")
        info = describe_volume(tmp_path / "a.nii.gz")
        assert (info.format, info.grid, info.channels) == ("NIfTI", (4, 5, 6), 1)
        assert (info.dtype, info.orientation) == ("int16", "LPS")
        assert info.spacing == pytest.approx((0.5, 0.5, 3))
        assert info.oblique == pytest.approx(10, abs=1e-4)
        assert (info.minimum, info.maximum, info.broken) == ((0,), (7,), 0)
        assert info.labels == {0: 117, 7: 3}

    def test_broken_values_and_images_without_labels(self, tmp_path):
        array = np.random.default_rng(0).random((4, 5, 6, 2)).astype(np.float32)
        array[0, 0, 0], array[1, ..., 1] = np.nan, np.inf
        nib.save(nib.Nifti1Image(array, np.eye(4)), tmp_path / "a.nii")
        info = describe_volume(tmp_path / "a.nii")
        assert info.broken == 2 + 30
        assert info.maximum[1] == array[2:, ..., 1].max()
        assert (info.labels, info.oblique) == ({}, 0)
        nib.save(nib.Nifti1Image(array[:1, :1, :1], np.eye(4)), tmp_path / "b.nii")
        info = describe_volume(tmp_path / "b.nii")
        assert (info.minimum, info.maximum) == ((None, None), (None, None))

    def test_many_integers_are_no_labels(self, tmp_path):
        levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
        for name, many, few in (("a.png", levels // 3, False), ("b.png", levels // 4, True)):
            Image.fromarray(many).save(tmp_path / name)
            info = describe_volume(tmp_path / name)
            assert bool(info.labels) == few
            assert (info.format, info.orientation, info.spacing) == ("PNG", None, (1, 1, 1))
