from __future__ import annotations

import shutil
from collections import namedtuple

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from volseg.errors import InputError
from volseg.io import open_probabilities, probability_suffix, read_volume
from volseg.io.volumes.probabilities import read_confidence

RANDOM = np.random.default_rng(0)
AFFINE = np.array([[0, -1.5, 0.25, 9], [2, 0.125, 0, -8], [0, 0.5, 3, 7], [0, 0, 0, 1]])


@pytest.mark.parametrize("endianness", ["<", ">"])
def test_what_is_written_is_read_in_the_place_of_the_image(tmp_path, endianness):
    header = nib.Nifti1Header(endianness=endianness)
    nib.save(nib.Nifti1Image(np.zeros((4, 5, 6)), AFFINE, header), tmp_path / "a.nii.gz")
    values = RANDOM.random((3, 4, 5, 6), np.float32)
    assert probability_suffix(tmp_path / "a.nii.gz") == ".nii"
    with open_probabilities(tmp_path / "p.nii", 3, like=tmp_path / "a.nii.gz") as out:
        assert out.shape == values.shape
        assert not out.any()
        out[..., :3], out[..., 3:] = values[..., :3], values[..., 3:]
        assert not (tmp_path / "p.nii").exists()
    volume = read_volume(tmp_path / "p.nii")
    assert np.array_equal(volume.array, values)
    assert np.array_equal(volume.affine, AFFINE)
    assert np.array_equal(nib.load(tmp_path / "p.nii").affine, AFFINE)


def test_of_a_picture_they_are_an_array(tmp_path):
    Image.new("L", (5, 4)).save(tmp_path / "a.png")
    values = RANDOM.random((2, 4, 5, 1), np.float32)
    assert probability_suffix(tmp_path / "a.png") == ".npy"
    with open_probabilities(tmp_path / "p.npy", 2, like=tmp_path / "a.png") as out:
        out[:] = values
    assert np.array_equal(np.load(tmp_path / "p.npy", allow_pickle=False), values)


def test_compressed_they_are_255ths(tmp_path):
    image = tmp_path / "a.nii.gz"
    nib.save(nib.Nifti1Image(np.zeros((4, 5, 6)), AFFINE), image)
    values = RANDOM.random((3, 4, 5, 6), np.float32)
    assert probability_suffix(image, compressed=True) == ".nii.gz"
    for name in ("p.nii.gz", "p.npy.gz"):
        with open_probabilities(tmp_path / name, 3, like=image) as out:
            assert not out.any()
            out[...] = values
        sure = read_confidence(tmp_path / name)
        assert np.allclose(sure.array[0], values.max(axis=0), atol=0.0025)
    volume = read_volume(tmp_path / "p.nii.gz")
    assert np.allclose(volume.array, values, atol=0.0025)
    assert np.array_equal(volume.affine, AFFINE)
    assert nib.load(tmp_path / "p.nii.gz").get_data_dtype() == np.uint8
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.nii.gz", "p.nii.gz", "p.npy.gz"]


@pytest.mark.parametrize("suffix", [".nii", ".npy", ".nii.gz", ".npy.gz"])
def test_an_interrupt_leaves_what_was_there(tmp_path, suffix):
    Image.new("L", (5, 4)).save(tmp_path / "a.png")
    path = tmp_path / f"p{suffix}"
    path.write_bytes(b"before")

    def interrupted():
        with open_probabilities(path, 2, like=tmp_path / "a.png", overwrite=True) as out:
            out[:] = 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 2


def test_refusals(tmp_path, monkeypatch):
    Image.new("L", (1024, 1024)).save(tmp_path / "a.png")

    def opened(name):
        with open_probabilities(tmp_path / name, 256, like=tmp_path / "a.png"):
            pass

    with pytest.raises(InputError, match=r"'\.png' is no suffix for probabilities; name a \.npy"):
        opened("p.png")
    full = namedtuple("Usage", "total used free")(2**40, 2**40, 2**20)  # type: ignore[call-arg]
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: full)
    with pytest.raises(InputError, match=r"p\.npy: needs 1,024 MiB and the disk has 1 MiB free"):
        opened("p.npy")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
