"""2-D images by Pillow: PNG, TIFF and stacks of its pages, JPEG, BMP, GIF.

Rows and columns are those that a viewer shows: a photograph that says by EXIF how it was turned is
turned, and so are labels made of it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.atomic import replacing
from volseg.io.naming import parsing
from volseg.io.volumes.codec import Stored, VolumeCodec, VolumeHeader, label_dtype
from volseg.io.volumes.voxel_file import EXPANSION

FORMATS = ("PNG", "TIFF", "JPEG", "BMP", "GIF")  # none of those that run other programs
LARGE = 2**24  # pixels, above which a promise is compared with the file's size
LARGE_TIFF = 2**28  # of all pages; blank ones of one bit take next to nothing
MOST = 8 * EXPANSION  # pixels that a byte of a file gives: eight of one bit
# What Pillow's modes of one channel are read as; what is not named here becomes RGB.
GRAY = {"1": "uint8", "L": "uint8", "I;16": "uint16", "I;16L": "uint16", "I;16B": "uint16",
        "I": "int32", "F": "float32", "LA": "uint8", "La": "uint8"}  # fmt: skip
SIDEWAYS = (5, 6, 7, 8)  # values of EXIF's orientation by which rows are shown as columns


class ImageCodec(VolumeCodec):
    """Pictures, and plain TIFF."""

    def read_header(self, path: Path) -> VolumeHeader:
        """See `volseg.io.volumes.files.read_volume_header`."""
        with _opened(path) as image:
            rows, columns = image.height, image.width
            if (
                image.format != "TIFF" and _orientation(image) in SIDEWAYS
            ):  # Pillow turns TIFF itself
                rows, columns = columns, rows
            grid = rows, columns, _pages(image, path)
            mode = "L" if image.mode == "P" and _is_gray(image) else image.mode
            return VolumeHeader(
                grid, 1 if mode in GRAY else 3, np.eye(4), np.dtype(GRAY.get(mode, "uint8"))
            )

    def read(self, path: Path, labels: bool) -> Stored:
        """The image as rows and columns, its pages as slices.

        Transparency is dropped. A palette is looked up for an image; for labels its indices are the
        ids, but where all its colours are gray those are, as a mask of 0 and 255 may be stored.
        """
        with _opened(path) as image:
            pages: list[NDArray[Any]] = []
            for number in range(_pages(image, path)):
                image.seek(number)
                pages.append(_pixels(image, labels))
                first, last = pages[0], pages[-1]
                if (first.shape, first.dtype) != (last.shape, last.dtype):
                    raise InputError(
                        f"page {number + 1} has shape {last.shape} of {last.dtype}, page 1 "
                        f"{first.shape} of {first.dtype}, and the pages of a stack are alike; "
                        "split it"
                    )
        return Stored(Volume(np.stack(pages, axis=-1), np.eye(4)))

    def write_labels(
        self, path: Path, labels: Volume, like: Path | None, overwrite: bool, by: str | None = None
    ) -> None:
        """Write labels (1, H, W, pages) as gray pixels: PNG of 8 or 16 bits, or TIFF."""
        ids, pages = labels.array[0], labels.grid[2]
        tiff = path.suffix.lower() in (".tif", ".tiff")
        if pages > 1 and not tiff:
            raise InputError(f"a PNG holds one slice, the labels {pages}; name a .tif")
        dtype = label_dtype(ids, np.uint8, np.uint16, *((np.int32,) if tiff else ()))
        first, *others = (
            Image.fromarray(np.ascontiguousarray(ids[:, :, z], dtype)) for z in range(pages)
        )
        with replacing(path, overwrite=overwrite) as stream:
            if tiff:
                first.save(
                    stream, "TIFF", compression="tiff_deflate", save_all=True, append_images=others
                )
            else:
                first.save(stream, "PNG")


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    with parsing():
        try:
            with Image.open(path, formats=FORMATS) as image:
                yield image
        except Image.DecompressionBombError as error:
            raise InputError(f"is too large ({error}); cut it into tiles") from None
        except UnidentifiedImageError:
            raise InputError(
                "is damaged, or an image of a kind that Pillow does not read; save it again as 8- "
                "or 16-bit gray, or 8-bit RGB"
            ) from None


def _orientation(image: Image.Image) -> object:
    """How it is to be shown, as EXIF counts; what cannot be read says nothing."""
    if image.format == "PNG" and "exif" not in image.info:
        return None  # else Pillow reads all pixels to look behind them
    try:
        return image.getexif().get(ExifTags.Base.Orientation)
    except (SyntaxError, ValueError, KeyError, TypeError, struct.error):
        return None


def _pages(image: Image.Image, path: Path) -> int:
    """How many pages the file has, none of them read.

    Raises:
        InputError: if it is an animation, or the pages are more than the file can hold.
    """
    pages: int = getattr(image, "n_frames", 1)
    if image.format == "MPO":  # a photograph with a preview
        return 1
    if pages > 1 and image.format != "TIFF":
        raise InputError(
            f"is an animation of {pages} pictures, wanted one; save them as a TIFF of pages"
        )
    pixels = pages * image.width * image.height
    large = LARGE_TIFF if image.format == "TIFF" else LARGE
    if pixels > large and pixels > MOST * path.stat().st_size:
        raise InputError(
            f"promises {pages:,} {'page' if pages == 1 else 'pages'} of {image.width} x "
            f"{image.height} pixels, more than a file of its size holds; copy it again"
        )
    return pages


def _is_gray(image: Image.Image) -> bool:
    """Whether a palette holds grays alone."""
    colours = _palette(image)
    return bool((colours == colours[:, :1]).all())


def _are_grays(image: Image.Image) -> bool:
    """Whether a picture with a palette is a gray one, as small files are stored: no ids."""
    used = _palette(image)[np.unique(np.asarray(image))]
    return bool((used == used[:, :1]).all()) and len(np.unique(used[:, 0])) == len(used)


def _palette(image: Image.Image) -> NDArray[np.uint8]:
    """(256, 3), black where there is none."""
    colours = np.zeros(768, np.uint8)
    given = (image.getpalette("RGB") or [])[:768]
    colours[: len(given)] = given
    return colours.reshape(256, 3)


def _pixels(page: Image.Image, labels: bool) -> NDArray[Any]:
    """(C, H, W) of one page, as it is shown."""
    if _orientation(page) is not None:
        page = ImageOps.exif_transpose(page)
    if page.mode == "P" and labels:
        page = page.convert("L") if _are_grays(page) else page
    elif page.mode == "P":
        page = page.convert("L" if _is_gray(page) else "RGB")
    elif page.mode in ("LA", "La"):
        page = page.getchannel(0)
    elif page.mode not in (*GRAY, "P"):
        page = page.convert("RGB")
    pixels = np.asarray(page)
    if pixels.dtype == np.bool_:
        pixels = pixels.astype(np.uint8)
    return pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)
