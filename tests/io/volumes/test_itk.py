"""NRRD, MetaImage and DICOM series, with files that SimpleITK writes."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.io import (
    read_label_volume,
    read_volume,
    read_volume_header,
    write_label_volume,
)

sitk = pytest.importorskip("SimpleITK")

RANDOM = np.random.default_rng(0)
ARRAY = RANDOM.integers(-500, 500, (4, 5, 6)).astype(np.int16)  # (X, Y, Z)
DIRECTION = (0.8, -0.6, 0, 0.6, 0.8, 0, 0, 0, -1)


def image(array=ARRAY, direction=DIRECTION):
    made = sitk.GetImageFromArray(array.T)
    made.SetSpacing((0.7, 0.8, 3.3))
    made.SetOrigin((10.5, -20.25, 30.125))
    made.SetDirection(direction)
    return made


@pytest.mark.parametrize("suffix", [".nrrd", ".nhdr", ".mha", ".mhd"])
def test_every_format_tells_the_same_as_nifti(tmp_path, suffix):
    sitk.WriteImage(image(), str(tmp_path / f"a{suffix}"))
    sitk.WriteImage(image(), str(tmp_path / "a.nii"))
    volume, wanted = read_volume(tmp_path / f"a{suffix}"), read_volume(tmp_path / "a.nii")
    header = read_volume_header(tmp_path / f"a{suffix}")
    assert np.array_equal(volume.array, wanted.array)
    assert np.array_equal(volume.array[0], ARRAY)
    assert np.allclose(volume.affine, wanted.affine, atol=1e-5)
    assert (header.grid, header.channels, header.dtype) == ((4, 5, 6), 1, np.int16)
    assert np.array_equal(header.affine, volume.affine)


@pytest.mark.parametrize("suffix", [".nrrd", ".mha"])
@pytest.mark.parametrize("top", [255, 300, 70_000, -3])
def test_labels_round_trip(tmp_path, suffix, top):
    like, out = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    sitk.WriteImage(image(), str(like))
    labels = RANDOM.integers(0, 2, (4, 5, 6)) * top
    write_label_volume(out, labels, like=like)
    again = read_label_volume(out)
    assert np.array_equal(again.array[0], labels)
    assert np.allclose(again.affine, read_volume(like).affine, atol=1e-12)
    assert np.array_equal(sitk.GetArrayFromImage(sitk.ReadImage(str(out))).T, labels)
    assert [path.name for path in sorted(tmp_path.iterdir())] == [like.name, out.name]


def test_vectors_frames_and_flat_images(tmp_path):
    vectors = RANDOM.random((6, 5, 4, 3)).astype(np.float32)
    sitk.WriteImage(sitk.GetImageFromArray(vectors, isVector=True), str(tmp_path / "v.nrrd"))
    assert np.array_equal(read_volume(tmp_path / "v.nrrd").array, vectors.transpose(3, 2, 1, 0))
    frames = RANDOM.random((2, 6, 5, 4)).astype(np.float32)
    sitk.WriteImage(sitk.GetImageFromArray(frames, isVector=False), str(tmp_path / "t.mha"))
    assert np.array_equal(read_volume(tmp_path / "t.mha").array, frames.transpose(0, 3, 2, 1))
    sitk.WriteImage(sitk.GetImageFromArray(frames[0, 0]), str(tmp_path / "f.mha"))
    assert np.array_equal(read_volume(tmp_path / "f.mha").array[0, :, :, 0], frames[0, 0].T)
    for name, channels in (("v.nrrd", 3), ("t.mha", 2), ("f.mha", 1)):
        assert read_volume_header(tmp_path / name).channels == channels


@pytest.mark.parametrize("suffix", [".nrrd", ".mha"])
@pytest.mark.parametrize("packed", [True, False])
def test_damage_is_told_in_one_line(tmp_path, suffix, packed):
    path = tmp_path / f"a{suffix}"
    sitk.WriteImage(image(RANDOM.random((20, 20, 20))), str(path), packed)
    content = path.read_bytes()
    for cut in (0, 20, len(content) // 2, len(content) - 100):
        path.write_bytes(content[:cut])
        with pytest.raises(InputError) as caught:
            read_volume(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_header_that_promises_too_much_is_refused(tmp_path):
    (tmp_path / "a.nrrd").write_bytes(
        b"NRRD0004\ntype: short\ndimension: 3\nsizes: 1000000 1000000 1000000\n"
        b"encoding: raw\nendian: little\n\n" + bytes(100)
    )
    for reading in (read_volume, read_volume_header):
        with pytest.raises(InputError, match="promises 2,000,000,000,000,000,000 bytes"):
            reading(tmp_path / "a.nrrd")


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"a\.nrrd: does not exist"):
        read_volume(tmp_path / "a.nrrd")


def test_real_tumours(shared_data):
    folder = shared_data / "mri/pyradiomics_nrrd"
    for name in ("brain1", "brain2", "breast1"):
        scan = read_volume(folder / f"{name}_image.nrrd")
        label = read_label_volume(folder / f"{name}_label.nrrd")
        assert scan.grid == label.grid
        assert np.allclose(scan.affine, label.affine, atol=1e-4)
        assert set(np.unique(label.array)) == {0, 1}


def test_an_image_of_one_axis_is_refused(tmp_path):
    text = "ObjectType = Image\nNDims = 1\nDimSize = 4\nElementType = MET_UCHAR\n"
    path = tmp_path / "a.mha"
    path.write_bytes(f"{text}ElementDataFile = LOCAL\n".encode() + bytes(4))
    for look in (read_volume, read_volume_header):
        with pytest.raises(InputError):
            look(path)
