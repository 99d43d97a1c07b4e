"""FreeSurfer's volumes agree with nibabel, and labels keep all that stands around the voxels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from volseg.errors import InputError
from volseg.io import read_label_volume, read_volume, read_volume_header, write_label_volume

AFFINE = np.array([[0, 0, 2.0, -9], [1.0, 0, 0, 4], [0, 1.5, 0, 7], [0, 0, 0, 1]])
RANDOM = np.random.default_rng(0)


def save(path: Path, array: Any, affine: Any = AFFINE, **fields: float) -> Path:
    image = nib.MGHImage(array, affine)
    for name, value in fields.items():
        image.header[name] = value
    nib.save(image, path)
    return path


@pytest.mark.parametrize("suffix", [".mgz", ".mgh", ".mgh.gz"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32])
@pytest.mark.parametrize("shape", [(4, 5, 6), (4, 5, 6, 3)])
def test_voxels_and_affine_are_nibabels(
    tmp_path: Path, shape: tuple[int, ...], dtype: Any, suffix: str
) -> None:
    array = RANDOM.integers(0, 100, shape).astype(dtype)
    path = save(tmp_path / f"a{suffix.replace('.mgh.gz', '.mgz')}", array)
    path = path.rename(tmp_path / f"a{suffix}")
    volume, header = read_volume(path), read_volume_header(path)
    frames = array if array.ndim == 4 else array[..., None]
    assert np.array_equal(volume.array, np.moveaxis(frames, 3, 0))
    assert np.allclose(volume.affine, AFFINE, atol=1e-5)
    assert (header.grid, header.channels, header.dtype) == ((4, 5, 6), len(volume.array), dtype)


@pytest.mark.parametrize("suffix", [".mgz", ".mgh"])
@pytest.mark.parametrize("top", [255, 300, 70_000])
def test_labels_round_trip_on_a_header_that_is_kept(tmp_path: Path, suffix: str, top: int) -> None:
    like = save(tmp_path / f"a{suffix}", np.zeros((4, 5, 6), np.float32), tr=2300.0, te=2.5)
    labels = RANDOM.integers(0, top + 1, (4, 5, 6))
    labels[0, 0, 0] = top
    write_label_volume(tmp_path / f"b{suffix}", labels, like=like)
    written: Any = nib.load(tmp_path / f"b{suffix}")
    assert np.array_equal(np.asarray(written.dataobj), labels)
    assert np.allclose(written.affine, AFFINE, atol=1e-5)
    assert (written.header["tr"], written.header["te"]) == (2300.0, 2.5)
    assert np.array_equal(read_label_volume(tmp_path / f"b{suffix}").array[0], labels)


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    labels = np.ones((4, 5, 6), np.uint8)
    for name in ("one.mgz", "two.mgz"):
        write_label_volume(tmp_path / name, labels, affine=AFFINE)
    assert (tmp_path / "one.mgz").read_bytes() == (tmp_path / "two.mgz").read_bytes()
    assert np.allclose(read_volume(tmp_path / "one.mgz").affine, AFFINE, atol=1e-5)


@pytest.mark.parametrize(
    ("position", "value", "words"),
    [(3, 7, "has version 7"), (23, 9, "type 9"), (7, 0, "wanted 1 or more"), (4, 9, "cut short")],
)
def test_damaged_headers_are_one_clear_line(
    tmp_path: Path, position: int, value: int, words: str
) -> None:
    path = save(tmp_path / "a.mgh", np.zeros((4, 5, 6), np.uint8))
    data = bytearray(path.read_bytes())
    data[position] = value
    path.write_bytes(data)
    with pytest.raises(InputError, match=words) as caught:
        read_volume_header(path)
    assert "\n" not in str(caught.value)
