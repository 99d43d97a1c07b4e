"""A damaged file costs itself alone: whatever is wrong with it, one kind of error says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import tifffile
from PIL import Image

from volseg.errors import InputError
from volseg.io.volumes.files import read_label_volume, read_volume, read_volume_header

CHANGES = 24
"""Damaged copies of each file; some hundreds find no more."""

Save = Callable[[Path, Any], object]

PIXELS = np.random.default_rng(0).integers(0, 4, (9, 8, 7)).astype(np.int16)
FLAT = (PIXELS[:, :, 0] * 60).astype(np.uint8)
IMAGEJ = {"imagej": True, "metadata": {"axes": "ZYX", "unit": "um", "spacing": 3.0}}
OME = {"ome": True, "metadata": {"axes": "ZYX", "PhysicalSizeX": 1.0}, "compression": "zlib"}


def _itk(path: Path, array: Any) -> None:
    itk = pytest.importorskip("SimpleITK")
    itk.WriteImage(itk.GetImageFromArray(array), str(path))


FILES: dict[str, Save] = {
    "a.nii": lambda path, array: nib.save(nib.Nifti1Image(array, np.eye(4)), path),
    "a.nii.gz": lambda path, array: nib.save(nib.Nifti1Image(array, np.eye(4)), path),
    "two.nii": lambda path, array: nib.save(nib.Nifti2Image(array, np.eye(4)), path),
    "a.hdr": lambda path, array: nib.save(nib.Nifti1Pair(array, np.eye(4)), path),
    "old.hdr": lambda path, array: nib.save(nib.Spm99AnalyzeImage(array, np.eye(4)), path),
    "a.mgh": lambda path, array: nib.save(nib.MGHImage(array, np.eye(4)), path),
    "a.mgz": lambda path, array: nib.save(nib.MGHImage(array, np.eye(4)), path),
    "a.nrrd": _itk,
    "a.mha": _itk,
    "imagej.tif": lambda path, array: tifffile.imwrite(path, array.astype("u2"), **IMAGEJ),
    "a.ome.tif": lambda path, array: tifffile.imwrite(path, array.astype("u2"), **OME),
    "five.tif": lambda path, array: tifffile.imwrite(
        path, array[..., :5].astype("u1"), photometric="rgb", extrasamples=[0, 0]
    ),
    "plain.tif": lambda path, _: Image.fromarray(FLAT).save(path, compression="tiff_lzw"),
    "gray.png": lambda path, _: Image.fromarray(FLAT).save(path),
    "palette.png": lambda path, _: Image.fromarray(FLAT).convert("P").save(path),
    "colour.jpg": lambda path, _: Image.fromarray(np.stack([FLAT] * 3, -1)).save(path),
    "a.gif": lambda path, _: Image.fromarray(FLAT).save(path),
    "a.bmp": lambda path, _: Image.fromarray(FLAT).save(path),
}


def _damaged(data: bytes, number: int, random: np.random.Generator) -> bytes:
    """A copy that is cut, or has bytes or bits of another value, in its header above all."""
    changed, near = bytearray(data), min(len(data), 400)
    if number % 4 == 0:
        return data[: random.integers(len(data))]
    if number % 4 == 1:
        for place in random.integers(near, size=4):
            changed[place] ^= 1 << random.integers(8)
    elif number % 4 == 2:
        place = random.integers(near - 4)
        changed[place : place + 4] = bytes.fromhex(random.choice(["ffffffff", "7fffffff", "0" * 8]))
    else:
        for place in random.integers(len(data), size=4):
            changed[place] = random.integers(256)
    return bytes(changed)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FILES)
def test_only_input_errors_tell_of_damage(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    FILES[name](path, PIXELS)
    whole = path.read_bytes()
    assert read_volume(path).array.size
    random, errors = np.random.default_rng(0), list[InputError]()
    for number in range(CHANGES):
        path.write_bytes(_damaged(whole, number, random))
        for reading in (read_volume_header, read_volume, read_label_volume):
            try:
                reading(path)
            except InputError as error:
                errors.append(error)
    assert errors
    assert {error.path for error in errors} <= {path, path.with_suffix(".img")}
    assert not any("\n" in error.message for error in errors)


def test_words_of_ome_that_are_damaged_are_told_of(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    FILES["a.ome.tif"](path, PIXELS)
    data = path.read_bytes()
    start = data.index(b"<OME")
    path.write_bytes(data[:start] + b"<<" + data[start + 2 :])
    with pytest.raises(InputError, match="damaged"):
        read_volume(path)


def test_an_offset_that_is_no_number_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "a.hdr"
    FILES["a.hdr"](path, PIXELS)
    data = bytearray(path.read_bytes())
    data[108:112] = np.float32(np.nan).tobytes()
    path.write_bytes(data)
    with pytest.raises(InputError, match="its header is damaged"):
        read_volume(path)


def test_a_slice_of_dicom_that_promises_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    _itk(path, PIXELS[:1])
    data = bytearray(path.read_bytes())
    for tag in (b"\x28\x00\x10\x00", b"\x28\x00\x11\x00"):
        at = data.index(tag) + 8
        data[at : at + 2] = (60_000).to_bytes(2, "little")
    path.write_bytes(data)
    with pytest.raises(InputError, match="promises 7,200,000,000 bytes"):
        read_volume(path)
