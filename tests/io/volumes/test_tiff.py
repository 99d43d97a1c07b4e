"""TIFF as microscopes and ImageJ write it, by tifffile."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from volseg.errors import InputError
from volseg.io import read_label_volume, read_volume, read_volume_header, write_label_volume
from volseg.io.volumes.formats import label_suffix, volume_stem

RANDOM = np.random.default_rng(0)
STACK = RANDOM.integers(0, 9999, (5, 3, 6, 8)).astype(np.uint16)  # slices, channels, rows, columns
TURNED = STACK.transpose(1, 2, 3, 0)
OME = {"PhysicalSizeX": 0.3, "PhysicalSizeY": 0.25, "PhysicalSizeZ": 2.0}


def spacing(path: Path) -> list[float]:
    """Microns along rows, columns and slices."""
    affine = read_volume(path).affine
    assert np.array_equal(affine, read_volume_header(path).affine)
    assert np.array_equal(affine, np.diag(np.diag(affine)))
    return [round(float(side), 9) for side in np.diag(affine)[:3] * 1e3]


def imagej(path: Path, array: Any, **said: Any) -> Path:
    tifffile.imwrite(
        path, array, imagej=True, resolution=(1 / 0.3, 4), metadata={"unit": "um", **said}
    )
    return path


def test_a_hyperstack_of_imagej_has_channels_slices_and_microns(tmp_path: Path) -> None:
    path = imagej(tmp_path / "a.tif", STACK, axes="ZCYX", spacing=2.0)
    volume, header = read_volume(path), read_volume_header(path)
    assert np.array_equal(volume.array, TURNED)
    assert (header.grid, header.channels, header.dtype) == ((6, 8, 5), 3, np.uint16)
    assert spacing(path) == [0.25, 0.3, 2.0]


@pytest.mark.parametrize("unit", ["pixel", "", "furlong"])
def test_a_unit_that_is_no_length_gives_no_spacing(tmp_path: Path, unit: str) -> None:
    path = imagej(tmp_path / "a.tif", STACK[:, 0], axes="ZYX", spacing=2.0, unit=unit)
    assert np.array_equal(read_volume(path).affine, np.eye(4))


@pytest.mark.parametrize("axes", ["ZCYX", "CZYX", "ZYX", "CYX", "YX"])
def test_ome_channels_and_slices_are_told_apart(tmp_path: Path, axes: str) -> None:
    shape = [dict(zip("ZCYX", STACK.shape, strict=True))[axis] for axis in axes]
    array = RANDOM.integers(0, 999, shape).astype(np.uint16)
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, array, metadata={"axes": axes, **OME}, photometric="minisblack")
    sides = dict(zip(axes, shape, strict=True))
    wanted = array.reshape(
        [side for axis, side in sides.items() if axis in "ZC"] + [6, 8]
    )  # whatever stands before rows and columns
    if "C" not in sides:
        wanted = wanted.reshape(-1, 1, 6, 8)
    elif axes != "ZCYX":
        wanted = wanted.reshape(3, -1, 6, 8).transpose(1, 0, 2, 3)
    assert np.array_equal(read_volume(path).array, wanted.transpose(1, 2, 3, 0))
    assert spacing(path) == [0.25, 0.3, 2.0]
    assert (volume_stem(path), label_suffix(path)) == ("a", ".ome.tif")


def test_ome_units_are_honoured_and_slices_of_no_distance_lie_as_rows(tmp_path: Path) -> None:
    said = {"PhysicalSizeX": 300, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.00025}
    said |= {"PhysicalSizeYUnit": "mm", "axes": "YX"}
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK[0, 0], metadata=said)
    assert spacing(tmp_path / "a.ome.tif") == [0.25, 0.3, 0.25]


@pytest.mark.parametrize("samples", [2, 4, 5])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_any_number_of_samples_is_so_many_channels(
    tmp_path: Path, samples: int, planar: Any
) -> None:
    array = RANDOM.integers(0, 256, (6, 8, samples)).astype(np.uint8)
    stored = array if planar == "contig" else np.moveaxis(array, 2, 0)
    extra = ["unspecified"] * (samples - 1)
    tifffile.imwrite(
        tmp_path / "a.tif", stored, photometric="minisblack", planarconfig=planar,
        extrasamples=extra, metadata=None,
    )  # fmt: skip
    assert np.array_equal(read_volume(tmp_path / "a.tif").array[..., 0], np.moveaxis(array, 2, 0))
    assert read_volume_header(tmp_path / "a.tif").channels == samples


def test_infrared_behind_colours_is_a_channel_and_transparency_is_none(tmp_path: Path) -> None:
    array = RANDOM.integers(0, 256, (6, 8, 4)).astype(np.uint8)
    for kind, channels in (("unspecified", 4), ("unassalpha", 3)):
        tifffile.imwrite(tmp_path / f"{kind}.tif", array, photometric="rgb", extrasamples=[kind])
        read = read_volume(tmp_path / f"{kind}.tif").array[..., 0]
        assert np.array_equal(read, np.moveaxis(array[..., :channels], 2, 0))


def test_colours_of_sixteen_bits_keep_them(tmp_path: Path) -> None:
    array = RANDOM.integers(0, 65536, (6, 8, 3)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="rgb")
    assert np.array_equal(read_volume(tmp_path / "a.tif").array[..., 0], np.moveaxis(array, 2, 0))
    deep = RANDOM.integers(0, 65536, (6, 8, 4)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "b.tif", deep, photometric="rgb", extrasamples=["unassalpha"])
    assert read_volume(tmp_path / "b.tif").array.shape == (3, 6, 8, 1)


def test_numbers_of_two_samples_that_stand_in_the_wrong_place_are_found(tmp_path: Path) -> None:
    array = RANDOM.integers(0, 256, (6, 8, 2)).astype(np.uint8)
    tifffile.imwrite(
        tmp_path / "a.tif", array, photometric="minisblack", extrasamples=["unspecified"],
        metadata=None,
    )  # fmt: skip
    data = bytearray((tmp_path / "a.tif").read_bytes())
    (start,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, start)
    moved = 0
    for entry in range(start + 2, start + 2 + 12 * entries, 12):
        if struct.unpack_from("<HHI", data, entry) in ((258, 3, 2), (339, 3, 2)):
            value = bytes(data[entry + 8 : entry + 12])
            struct.pack_into("<I", data, entry + 8, len(data))
            data += value
            moved += 1
    assert moved
    (tmp_path / "b.tif").write_bytes(data)
    assert np.array_equal(read_volume(tmp_path / "b.tif").array[..., 0], np.moveaxis(array, 2, 0))


def test_a_slide_beyond_pillows_limit_is_read_tile_by_tile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colours = np.random.default_rng(0).integers(0, 255, (100, 80, 3), dtype=np.uint8)
    ids = (colours[..., 0] > 99).astype(np.uint8)
    with tifffile.TiffWriter(tmp_path / "slide.tif") as file:
        for array in (colours, colours[::4, ::4]):  # a coarser copy behind it
            file.write(array, tile=(16, 16), compression="zlib", photometric="rgb")
    write_label_volume(tmp_path / "ids.tif", ids[..., None])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert read_volume_header(tmp_path / "slide.tif").grid == (100, 80, 1)
    made = read_volume(tmp_path / "slide.tif").array[..., 0]
    np.testing.assert_array_equal(np.moveaxis(made, 0, -1), colours)
    np.testing.assert_array_equal(read_label_volume(tmp_path / "ids.tif").array[0, ..., 0], ids)


def test_packing_that_tifffile_does_not_know_is_left_to_pillow(tmp_path: Path) -> None:
    pages = [Image.fromarray(page) for page in STACK[:, 0]]
    said = "ImageJ=1.54f\nimages=5\nslices=5\nunit=micron\nspacing=2.0\n"
    pages[0].save(
        tmp_path / "a.tif", save_all=True, append_images=pages[1:], compression="tiff_lzw",
        description=said, x_resolution=4, y_resolution=4,
    )  # fmt: skip
    assert np.array_equal(read_volume(tmp_path / "a.tif").array[0], STACK[:, 0].transpose(1, 2, 0))
    assert spacing(tmp_path / "a.tif") == [0.25, 0.25, 2.0]


def test_a_film_and_several_images_are_refused_with_a_remedy(tmp_path: Path) -> None:
    imagej(tmp_path / "a.tif", STACK[:, 0], axes="TYX")
    with pytest.raises(InputError, match=r"a\.tif: holds 5 points in time, wanted one; save each"):
        read_volume(tmp_path / "a.tif")
    with tifffile.TiffWriter(tmp_path / "b.ome.tif") as file:
        for sides in ((6, 8), (3, 4)):
            file.write(np.zeros(sides, np.uint16))
    with pytest.raises(InputError, match="holds 2 images, wanted one"):
        read_volume(tmp_path / "b.ome.tif")


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_stack_that_is_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    path = imagej(tmp_path / "a.tif", STACK, axes="ZCYX")
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InputError, match=r"cut short|damaged"):
        read_volume(path)


@pytest.mark.parametrize("highest", [200, 60_000, 70_000])
@pytest.mark.parametrize("source", ["a.tif", "a.ome.tif"])
def test_labels_keep_the_spacing_of_their_image(tmp_path: Path, source: str, highest: int) -> None:
    path = tmp_path / source
    if source == "a.tif":
        imagej(path, STACK, axes="ZCYX", spacing=2.0)
    else:
        tifffile.imwrite(path, STACK, metadata={"axes": "ZCYX", **OME}, photometric="minisblack")
    labels = RANDOM.integers(0, 4, (6, 8, 5)).astype(np.int32)
    labels[0, 0, 0] = highest
    target = tmp_path / f"labels{label_suffix(path)}"
    write_label_volume(target, labels, like=path)
    assert np.array_equal(read_label_volume(target).array[0], labels)
    assert spacing(target) == [0.25, 0.3, 2.0]
