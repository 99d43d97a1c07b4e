"""2-D images, written by Pillow alone."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from volseg.errors import InputError
from volseg.io import (
    read_label_volume,
    read_volume,
    read_volume_header,
    write_label_volume,
)

RANDOM = np.random.default_rng(0)
GRAY = RANDOM.integers(0, 256, (6, 9)).astype(np.uint8)
COLOUR = RANDOM.integers(0, 256, (6, 9, 3)).astype(np.uint8)


def picture(path, array, mode=None):
    image = Image.fromarray(array)
    (image if mode is None else image.convert(mode)).save(path)
    return path


@pytest.mark.parametrize("suffix", [".png", ".tif", ".TIFF", ".bmp", ".gif"])
def test_rows_columns_and_gray(tmp_path, suffix):
    path = picture(tmp_path / f"a{suffix}", GRAY)
    volume, header = read_volume(path), read_volume_header(path)
    assert np.array_equal(volume.array, GRAY[None, :, :, None])
    assert volume.array.dtype == np.float32
    assert np.array_equal(volume.affine, np.eye(4))
    assert (header.grid, header.channels, header.dtype) == ((6, 9, 1), 1, np.uint8)
    assert np.array_equal(read_label_volume(path).array[0, :, :, 0], GRAY)


def turned(path, array, orientation):
    """A picture that is shown in another way than it is stored."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(array).save(path, exif=exif)
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "gray.jpg", "deep.png"])
def test_a_picture_that_exif_turns_is_read_and_labelled_as_it_is_shown(tmp_path, name, orientation):
    stored = np.zeros((24, 40, 3), np.uint8)
    stored[:8, :16] = 250
    stored = stored[..., 0] if name in ("gray.jpg", "deep.png") else stored
    path = turned(tmp_path / name, stored.astype(np.uint16) if "deep" in name else stored,
                  orientation)  # fmt: skip
    shown = np.asarray(ImageOps.exif_transpose(Image.open(path)))
    shown = shown if shown.ndim == 3 else shown[..., None]
    assert (shown[:8, :16].mean() > 200) == (orientation == 1)
    volume, header = read_volume(path), read_volume_header(path)
    assert np.array_equal(np.moveaxis(volume.array[..., 0], 0, -1), shown)
    assert volume.grid == header.grid == (*shown.shape[:2], 1)
    labels = (shown[..., :1] > 99).astype(np.uint8)
    write_label_volume(tmp_path / "labels.png", labels, like=path)
    assert np.array_equal(read_label_volume(tmp_path / "labels.png").array[0], labels)
    assert Image.open(tmp_path / "labels.png").getexif() == {}
    if shown.shape[2] == 1:
        assert np.array_equal(read_label_volume(path).array[0], shown)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
def test_colours_are_channels(tmp_path, suffix):
    path = picture(tmp_path / f"a{suffix}", COLOUR)
    assert np.array_equal(read_volume(path).array[..., 0], np.moveaxis(COLOUR, 2, 0))
    assert read_volume_header(path).channels == 3
    with pytest.raises(InputError, match="holds 3 channels of 54 colours, a label map has one"):
        read_label_volume(path)


def test_jpeg_is_read(tmp_path):
    path = picture(tmp_path / "a.jpg", np.full((6, 9, 3), 128, np.uint8))
    assert np.allclose(read_volume(path).array, 128, atol=2)
    assert read_volume(path).array.shape == (3, 6, 9, 1)


def test_transparency_is_dropped_and_hides_nothing(tmp_path):
    clear = np.concatenate((COLOUR, np.zeros((6, 9, 1), np.uint8)), axis=2)
    path = picture(tmp_path / "a.png", clear)
    assert np.array_equal(read_volume(path).array[..., 0], np.moveaxis(COLOUR, 2, 0))
    path = picture(tmp_path / "b.png", np.stack((GRAY, 0 * GRAY), axis=2))
    assert np.array_equal(read_volume(path).array[0, :, :, 0], GRAY)


def test_sixteen_and_one_bits(tmp_path):
    deep = RANDOM.integers(0, 65536, (6, 9)).astype(np.uint16)
    for name in ("a.png", "a.tif"):
        path = picture(tmp_path / name, deep)
        assert np.array_equal(read_volume(path).array[0, :, :, 0], deep)
        assert read_volume_header(path).dtype == np.uint16
    path = picture(tmp_path / "b.png", GRAY > 99)
    assert np.array_equal(read_label_volume(path).array[0, :, :, 0], GRAY > 99)
    floats = RANDOM.random((6, 9)).astype(np.float32)
    assert np.array_equal(
        read_volume(picture(tmp_path / "c.tif", floats)).array[0, :, :, 0], floats
    )


def test_a_palette_is_colours_in_an_image_and_ids_in_labels(tmp_path):
    ids = (GRAY % 3).astype(np.uint8)
    image = Image.fromarray(ids).convert("P")
    image.putpalette([255, 0, 0, 0, 255, 0, 9, 9, 9])
    image.putdata(ids.ravel().tolist())
    image.save(tmp_path / "a.png")
    colours = np.array([[255, 0, 0], [0, 255, 0], [9, 9, 9]])[ids]
    assert np.array_equal(read_label_volume(tmp_path / "a.png").array[0, :, :, 0], ids)
    assert np.array_equal(read_volume(tmp_path / "a.png").array[..., 0], np.moveaxis(colours, 2, 0))


def test_a_palette_of_grays_is_gray(tmp_path):
    image = Image.fromarray(GRAY).convert("P")
    image.putpalette(np.repeat(255 - np.arange(256), 3).tolist())
    image.putdata(GRAY.ravel().tolist())
    image.save(tmp_path / "a.png")
    assert np.array_equal(read_volume(tmp_path / "a.png").array[0, :, :, 0], 255 - GRAY)
    assert read_volume_header(tmp_path / "a.png").channels == 1


def test_ids_with_a_palette_that_tells_nothing_are_kept(tmp_path):
    ids = (GRAY % 4).astype(np.uint8)
    image = Image.frombytes("P", (9, 6), ids.tobytes())
    image.putpalette([0] * 12)
    image.save(tmp_path / "a.png")
    assert np.array_equal(read_label_volume(tmp_path / "a.png").array[0, :, :, 0], ids)


def test_labels_stored_as_equal_colours_are_gray(tmp_path):
    path = picture(tmp_path / "a.png", GRAY, "RGB")
    assert read_volume(path).array.shape == (3, 6, 9, 1)
    assert np.array_equal(read_label_volume(path).array[0, :, :, 0], GRAY)


def test_the_pages_of_a_stack_are_slices(tmp_path):
    stack = RANDOM.integers(0, 256, (5, 6, 9)).astype(np.uint8)
    first, *others = (Image.fromarray(page) for page in stack)
    first.save(tmp_path / "a.tif", save_all=True, append_images=others)
    assert read_volume_header(tmp_path / "a.tif").grid == (6, 9, 5)
    assert np.array_equal(read_volume(tmp_path / "a.tif").array[0], np.moveaxis(stack, 0, 2))
    Image.fromarray(GRAY).save(
        tmp_path / "b.tif", save_all=True, append_images=[Image.fromarray(GRAY[:3])]
    )
    with pytest.raises(InputError, match="page 2 has shape"):
        read_volume(tmp_path / "b.tif")


def test_an_animation_is_refused(tmp_path):
    Image.fromarray(GRAY).save(
        tmp_path / "a.gif", save_all=True, append_images=[Image.fromarray(255 - GRAY)]
    )
    with pytest.raises(InputError, match="animation of 2 pictures"):
        read_volume(tmp_path / "a.gif")


@pytest.mark.parametrize(("top", "bits"), [(1, 8), (255, 8), (256, 16), (65535, 16)])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_labels_round_trip(tmp_path, suffix, top, bits):
    like = picture(tmp_path / "a.jpg", GRAY)
    labels = RANDOM.integers(0, 2, (6, 9, 1)) * top
    out = tmp_path / f"out{suffix}"
    write_label_volume(out, labels, like=like)
    assert np.array_equal(read_label_volume(out).array[0], labels)
    assert np.array_equal(np.asarray(Image.open(out)), labels[:, :, 0])
    assert read_volume_header(out).dtype.itemsize * 8 == bits


def test_stacks_round_trip_and_a_png_holds_no_stack(tmp_path):
    labels = RANDOM.integers(0, 70_000, (6, 9, 4))
    first, *others = (Image.fromarray(GRAY) for _ in range(4))
    first.save(tmp_path / "a.tif", save_all=True, append_images=others)
    write_label_volume(tmp_path / "out.tif", labels, like=tmp_path / "a.tif")
    assert np.array_equal(read_label_volume(tmp_path / "out.tif").array[0], labels)
    with pytest.raises(InputError, match="holds one slice, the labels 4"):
        write_label_volume(tmp_path / "out.png", labels, like=tmp_path / "a.tif")
    assert not (tmp_path / "out.png").exists()


def test_ids_a_png_cannot_hold_are_refused(tmp_path):
    like = picture(tmp_path / "a.png", GRAY)
    for value in (-1, 65536):
        with pytest.raises(InputError, match=r"out\.png: labels run from .* holds 0 to 65535"):
            write_label_volume(tmp_path / "out.png", np.full((6, 9, 1), value), like=like)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damage_is_told_in_one_line(tmp_path):
    noise = RANDOM.integers(0, 256, (99, 99)).astype(np.uint8)
    for suffix in (".png", ".tif", ".jpg", ".bmp", ".gif"):
        path = picture(tmp_path / f"a{suffix}", noise)
        content = path.read_bytes()
        for cut in (0, 9, len(content) // 2):
            path.write_bytes(content[:cut])
            with pytest.raises(InputError) as caught:
                read_volume(path)
            assert str(path) in str(caught.value)
            assert "\n" not in str(caught.value)


def test_a_bomb_is_refused(tmp_path, monkeypatch):
    path = picture(tmp_path / "a.png", np.zeros((500, 500), np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    for reading in (read_volume, read_volume_header):
        with pytest.raises(InputError, match="is too large"):
            reading(path)


def test_many_pages_in_a_small_file_are_refused(tmp_path, monkeypatch):
    blank = Image.new("1", (3000, 3000))
    blank.save(tmp_path / "a.tif", save_all=True, append_images=[blank] * 9, compression="group4")
    assert read_volume_header(tmp_path / "a.tif").grid == (3000, 3000, 10)
    monkeypatch.setattr("volseg.io.volumes.image.LARGE_TIFF", 10**7)
    with pytest.raises(InputError, match="promises 10 pages of 3000 x 3000 pixels"):
        read_volume(tmp_path / "a.tif")


@pytest.mark.parametrize("suffix", [".gif", ".png", ".bmp"])
def test_a_small_file_that_promises_a_large_picture_is_refused(tmp_path, suffix):
    path = picture(tmp_path / f"a{suffix}", GRAY)
    data, wide = bytearray(path.read_bytes()), 10_000
    if suffix == ".gif":
        at = data.index(b"\x2c") + 5  # the frame's size
        data[6:10] = data[at : at + 4] = wide.to_bytes(2, "little") * 2
    elif suffix == ".bmp":
        data[18:26] = wide.to_bytes(4, "little") * 2
    else:
        data[16:24] = wide.to_bytes(4, "big") * 2
        data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    path.write_bytes(data)
    for reading in (read_volume, read_volume_header, read_label_volume):
        with pytest.raises(InputError, match="promises 1 page of 10000 x 10000 pixels"):
            reading(path)


def test_real_images(shared_data):
    label = read_label_volume(shared_data / "img2d/isbi2012_em/label/0.png").array
    assert set(np.unique(label)) == {0, 255}
    photograph = read_volume(shared_data / "img2d/drive_retina/images/21_training.tif")
    vessels = read_label_volume(shared_data / "img2d/drive_retina/1st_manual/21_manual1.gif")
    assert photograph.array.shape == (3, 584, 565, 1)
    assert photograph.grid == vessels.grid
    assert set(np.unique(vessels.array)) == {0, 255}


def test_gray_among_colours_has_their_channels_and_equal_colours_are_gray(tmp_path):
    gray, colours = picture(tmp_path / "a.png", GRAY), picture(tmp_path / "b.png", COLOUR)
    equal = picture(tmp_path / "c.png", GRAY, "RGB")
    three = read_volume(gray, channels=3).array
    assert np.array_equal(three, np.repeat(GRAY[None, :, :, None], 3, axis=0))
    assert np.array_equal(read_volume(equal, channels=1).array, GRAY[None, :, :, None])
    assert len(read_volume(colours, channels=1).array) == 3
    assert len(read_volume(gray, channels=2).array) == 1
