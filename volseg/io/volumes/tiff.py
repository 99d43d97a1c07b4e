"""TIFF: plain pictures by Pillow; stacks of ImageJ and OME, odd samples, slides by tifffile."""

from __future__ import annotations

import io
import logging
import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.atomic import replacing
from volseg.io.naming import parsing
from volseg.io.volumes.codec import Stored, VolumeCodec, VolumeHeader, label_dtype
from volseg.io.volumes.image import ImageCodec
from volseg.io.volumes.voxel_file import EXPANSION

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # what is wrong is said by us

# Millimetres in a unit of length, by what ImageJ and OME call it; in lower case.
MILLIMETRES = {
    "m": 1e3, "cm": 10.0, "mm": 1.0, "micron": 1e-3, "microns": 1e-3, "um": 1e-3, "\u00b5m": 1e-3,
    "\u03bcm": 1e-3, "nm": 1e-6, "\u00e5": 1e-7, "pm": 1e-9, "inch": 25.4, "in": 25.4,
}  # fmt: skip
SLICES, CHANNELS = "ZIQ", "CS"  # I and Q: pages nobody named
ALPHA = (1, 2)  # of ExtraSamples
WIDEST = 64  # bits of a sample
PLAIN = ImageCodec()
PER_SAMPLE = (258, 339)  # BitsPerSample and SampleFormat: a short number for every sample


@dataclass(frozen=True)
class Layout:
    """Where the axes of a file's pixels go.

    Attributes:
        axes: letters of the axes of the pixels, as tifffile gives them.
        shape: lengths of those axes.
        dtype: type of the pixels.
        affine: the spacing in millimetres along rows, columns and slices; the identity where the
            file does not say.
        alpha: number of samples at the end that are no channels.
    """

    axes: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    affine: NDArray[np.float64]
    alpha: int

    @property
    def header(self) -> VolumeHeader:
        """The same as every format says it."""
        side = dict(zip(self.axes, self.shape, strict=True))
        slices = math.prod(side.get(axis, 1) for axis in SLICES)
        channels = side.get("C", 1) * max(side.get("S", 1) - self.alpha, 1)
        return VolumeHeader((side["Y"], side["X"], slices), channels, self.affine, self.dtype)

    def volume(self, pixels: NDArray[Any]) -> Volume:
        """Pixels in the order of `axes` as (C, rows, columns, slices)."""
        if self.alpha:
            where = [slice(None)] * pixels.ndim
            where[self.axes.index("S")] = slice(self.shape[self.axes.index("S")] - self.alpha)
            pixels = pixels[tuple(where)]
        order = sorted(self.axes, key="CSYXZIQ".index)
        turned = pixels.transpose([self.axes.index(axis) for axis in order])
        header = self.header
        return Volume(turned.reshape(header.channels, *header.grid), self.affine)


class TiffCodec(VolumeCodec):
    """TIFF of any kind."""

    def read_header(self, path: Path) -> VolumeHeader:
        """See `volseg.io.volumes.files.read_volume_header`."""
        with _opened(path) as file:
            layout = None if file is None else _layout(file, path)
        return PLAIN.read_header(path) if layout is None else layout.header

    def read(self, path: Path, labels: bool) -> Stored:
        """Rows, columns and slices; ImageJ's and OME's channels, and samples, are channels.

        Raises:
            InputError: if the file holds several images or points in time, is cut short, or is
                compressed in a way that needs the package imagecodecs.
        """
        with _opened(path) as file:
            layout = None if file is None else _layout(file, path)
            if file is not None and layout is not None:
                return Stored(layout.volume(_pixels(file, layout, path)))
        return PLAIN.read(path, labels)

    def write_labels(
        self, path: Path, labels: Volume, like: Path | None, overwrite: bool, by: str | None = None
    ) -> None:
        """Write labels (1, rows, columns, slices), with the spacing that a TIFF ``like`` has.

        They become ImageJ's hyperstack; OME-TIFF where the name says so, or ids need 32 bits.
        """
        named_ome = path.name.lower().endswith((".ome.tif", ".ome.tiff"))
        spaced = like is not None and not np.array_equal(labels.affine, np.eye(4))
        if not spaced and not named_ome:
            PLAIN.write_labels(path, labels, like, overwrite)
            return
        pages = np.ascontiguousarray(np.moveaxis(labels.array[0], 2, 0))
        pages = pages.astype(label_dtype(pages, np.uint8, np.uint16, np.int32), copy=False)
        rows, columns, slices = (np.diag(labels.affine)[:3] * 1e3).tolist()
        options: dict[str, Any]
        if named_ome or pages.dtype == np.int32:
            sizes = {"PhysicalSizeX": columns, "PhysicalSizeY": rows, "PhysicalSizeZ": slices}
            options = {"ome": True, "metadata": {"axes": "ZYX", **(sizes if spaced else {})}}
        else:
            options = {"imagej": True, "resolution": (1 / columns, 1 / rows)}
            options["metadata"] = {"axes": "ZYX", "unit": "um", "spacing": slices}
        with replacing(path, overwrite=overwrite) as stream:
            written = io.BytesIO()  # tifffile goes back in what it writes
            tifffile.imwrite(written, pages, compression="zlib", **options)
            stream.write(written.getbuffer())


@contextmanager
def _opened(path: Path) -> Iterator[tifffile.TiffFile | None]:
    """The file, or None where tifffile cannot open it: Pillow says what is wrong with it."""
    path.stat()  # a missing file is told in the usual words
    file = _parsed(path)
    if file is None or np.max(file.pages.first.bitspersample) > WIDEST:
        try:
            file = _parsed(io.BytesIO(_mended(path.read_bytes())))
        except struct.error:
            file = None
    with parsing(), file or nullcontext():
        yield file


def _parsed(source: Path | io.BytesIO) -> tifffile.TiffFile | None:
    try:
        file = tifffile.TiffFile(source)
        return file if file.pages.first is not None else None
    except Exception:  # whatever a damaged file makes of its parser
        return None


def _layout(file: tifffile.TiffFile, path: Path) -> Layout | None:
    """How to read the pixels; None of a plain picture, which Pillow knows better."""
    page = file.pages.first
    plain = page.samplesperpixel == 1 or (page.bitspersample == 8 and page.photometric != 1)
    slide = _is_slide(page)
    described = file.is_ome or file.is_imagej
    if not described and plain and not slide and not any(_more_channels(page)):
        return None
    series = [each for each in file.series if len(each)]
    if slide and not described:  # coarser copies and pictures of the glass come after
        series = series[:1]
    if len(series) != 1:
        raise InputError(f"holds {len(series)} images, wanted one; save each as a file of its own")
    axes, shape = series[0].axes, tuple(map(int, series[0].shape))
    sides = dict(zip(axes, shape, strict=True))
    if "T" in sides:
        raise InputError(
            f"holds {sides['T']} points in time, wanted one; save each as a file of its own, or "
            "let frames that are slices be slices (in Fiji Image > Properties)"
        )
    if not {"X", "Y"} <= sides.keys() <= set(f"XY{SLICES}{CHANNELS}"):
        raise InputError(
            f"has axes {axes} ({shape}), wanted slices, rows, columns and channels; "
            "save it with these"
        )
    dtype = np.dtype(series[0].dtype).newbyteorder("=")
    if dtype.kind not in "biuf":
        raise InputError(f"holds {dtype} values, wanted real numbers; save the magnitude")
    alpha = sum(each in ALPHA for each in page.extrasamples) if "S" in sides else 0
    layout = Layout(axes, shape, dtype, _affine(file), alpha)
    needed, size = math.prod(shape) * dtype.itemsize, path.stat().st_size
    if needed > size * EXPANSION:
        raise InputError(f"promises {needed:,} bytes, more than its {size:,} hold; copy it again")
    return layout


def _is_slide(page: Any) -> bool:
    """Whether a picture is larger than Pillow opens; tifffile unpacks it tile by tile."""
    most = Image.MAX_IMAGE_PIXELS
    return most is not None and page.imagewidth * page.imagelength > 2 * most


def _more_channels(page: Any) -> Iterator[bool]:
    """Whether samples behind gray or colours are channels: near infrared, and no transparency."""
    return (sample not in ALPHA for sample in page.extrasamples)


def _pixels(file: tifffile.TiffFile, layout: Layout, path: Path) -> NDArray[Any]:
    size = path.stat().st_size
    try:
        for page in file.series[0].pages:
            ends = [] if page is None else zip(page.dataoffsets, page.databytecounts, strict=True)
            if any(start + count > size for start, count in ends):
                raise InputError("is cut short; copy it again")
        return np.asarray(file.series[0].asarray()).reshape(layout.shape)
    except InputError:
        raise
    except Exception as error:
        if "imagecodecs" not in str(error):
            raise InputError(f"is damaged ({error}); copy it again") from None
        pages = layout.header.grid[2] * layout.header.channels
        if file.pages.first.samplesperpixel == 1 and len(file.pages) == pages:
            stack = PLAIN.read(path, False).volume.array  # Pillow knows most of them
            return np.asarray(np.moveaxis(stack[0], 2, 0).reshape(layout.shape))
        raise InputError(
            f"is compressed by {_packing(file)}, which needs imagecodecs: pip install imagecodecs, "
            "or save it uncompressed"
        ) from None


def _packing(file: tifffile.TiffFile) -> str:
    return tifffile.COMPRESSION(file.pages.first.compression).name


def _affine(file: tifffile.TiffFile) -> NDArray[np.float64]:
    """(4, 4) with the spacing in millimetres; slices of an unknown distance lie as far as rows."""
    try:
        rows, columns, slices = _ome_sizes(file) if file.is_ome else _imagej_sizes(file)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return np.eye(4)
    sides = rows, columns, slices or rows
    return np.diag((*sides, 1.0)) if min(sides) > 0 and np.isfinite(sides).all() else np.eye(4)


def _ome_sizes(file: tifffile.TiffFile) -> tuple[float, float, float | None]:
    images: Any = tifffile.xml2dict(file.ome_metadata or "")["OME"]["Image"]
    pixels = (images[0] if isinstance(images, list) else images)["Pixels"]

    def size(axis: str) -> float:
        unit = str(pixels.get(f"PhysicalSize{axis}Unit", "\u00b5m"))
        return float(pixels[f"PhysicalSize{axis}"]) * MILLIMETRES[unit.lower()]

    return size("Y"), size("X"), size("Z") if "PhysicalSizeZ" in pixels else None


def _imagej_sizes(file: tifffile.TiffFile) -> tuple[float, float, float | None]:
    metadata, tags = file.imagej_metadata or {}, file.pages.first.tags
    unit = str(metadata["unit"]).replace("\\u00B5", "\u00b5").lower()
    (wide, across), (high, down) = tags["XResolution"].value, tags["YResolution"].value
    factor = MILLIMETRES[unit]
    slices = metadata.get("spacing")
    return factor * down / high, factor * across / wide, slices and factor * abs(float(slices))


def _mended(data: bytes) -> bytes:
    """A TIFF whose two short numbers stand elsewhere put where the standard wants them.

    Values of four bytes or less stand in the entry itself. Some writers forget that for two
    samples, and store where the numbers are.
    """
    order = "<" if data[:2] == b"II" else ">"
    mended = bytearray(data)
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    while start:
        (entries,) = struct.unpack_from(f"{order}H", data, start)
        for entry in range(start + 2, start + 2 + 12 * entries, 12):
            tag, kind, count, where = struct.unpack_from(f"{order}HHII", data, entry)
            if tag in PER_SAMPLE and (kind, count) == (3, 2) and where + 4 <= len(data):
                mended[entry + 8 : entry + 12] = data[where : where + 4]
        following = struct.unpack_from(f"{order}I", data, start + 2 + 12 * entries)[0]
        start = following if following > start else 0
    return bytes(mended)
