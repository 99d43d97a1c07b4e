"""NRRD and MetaImage by SimpleITK, which comes with the extra ``medical``."""

from __future__ import annotations

import importlib
import math
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.atomic import replacing
from volseg.io.naming import parsing
from volseg.io.volumes.codec import Stored, VolumeCodec, VolumeHeader, label_dtype
from volseg.io.volumes.voxel_file import EXPANSION

SEGMENT = re.compile(r"Segment(\d{1,6})_LabelValue")
DETACHED = (".nhdr", ".mhd")
# ITK's world runs left, posterior, superior; ours right, anterior, superior.
TO_RAS = np.diag((-1.0, -1.0, 1.0, 1.0))


def simple_itk() -> Any:
    """The module SimpleITK, silent.

    Raises:
        InputError: if it is not installed.
    """
    try:
        module = importlib.import_module("SimpleITK")
    except ImportError:
        raise InputError(
            'needs SimpleITK, which is not installed; pip install "volseg[medical]"'
        ) from None
    module.ProcessObject.SetGlobalWarningDisplay(False)
    return module


@contextmanager
def explaining() -> Iterator[None]:
    """Let SimpleITK's errors be one line of ours."""
    try:
        yield
    except RuntimeError:
        raise InputError(
            "SimpleITK cannot read it: it is cut short, damaged or of another kind; copy it again"
        ) from None


class ItkCodec(VolumeCodec):
    """NRRD and MetaImage."""

    def read_header(self, path: Path) -> VolumeHeader:
        """See `volseg.io.volumes.files.read_volume_header`."""
        header = header_of(path)
        # Voxels of a detached header lie beside it.
        files = path.parent.iterdir() if path.suffix.lower() in DETACHED else (path,)
        check_promise(header, files)
        return header

    def read(self, path: Path, labels: bool) -> Stored:
        """The volume as stored; vectors and a fourth axis are channels."""
        header = self.read_header(path)
        with explaining():
            image = simple_itk().ReadImage(str(path))
        segments = _segments(image) if labels and header.channels > 1 else ()
        return Stored(Volume(array_of(image), header.affine), segments=segments)

    def write_labels(
        self, path: Path, labels: Volume, like: Path | None, overwrite: bool, by: str | None = None
    ) -> None:
        """Write labels (1, X, Y, Z) in the place the affine gives."""
        itk, ids = simple_itk(), labels.array[0]
        dtype = label_dtype(ids, np.uint8, np.uint16, np.int16, np.int32)
        image = itk.GetImageFromArray(ids.transpose(2, 1, 0).astype(dtype))
        place = TO_RAS @ labels.affine
        image.SetSpacing(labels.spacing.tolist())
        image.SetDirection((place[:3, :3] / labels.spacing).ravel().tolist())
        image.SetOrigin(place[:3, 3].tolist())
        # SimpleITK writes to names only.
        with (
            replacing(path, overwrite=overwrite) as stream,
            tempfile.TemporaryDirectory() as folder,
        ):
            file = Path(folder) / f"labels{path.suffix.lower()}"
            itk.WriteImage(image, str(file), useCompression=True)
            with file.open("rb") as written:
                shutil.copyfileobj(written, stream)


def check_promise(header: VolumeHeader, files: Iterable[Path]) -> None:
    """Refuse a header that promises more than some files can hold.

    Raises:
        InputError: if it does.
    """
    size = sum(file.stat().st_size for file in files if file.is_file())
    needed = math.prod(header.grid) * header.channels * header.dtype.itemsize
    if needed > size * EXPANSION:
        raise InputError(
            f"is cut short, or its header is damaged: the header promises {needed:,} bytes, the "
            f"file has {size:,}; copy it again"
        )


def header_of(path: Path) -> VolumeHeader:
    """What SimpleITK says of one file it does not read yet."""
    itk = simple_itk()
    path.stat()  # a missing file is told in the usual words
    reader = itk.ImageFileReader()
    reader.SetFileName(str(path))
    with explaining():
        reader.ReadImageInformation()
        parts = reader.GetNumberOfComponents()
        sample = itk.Image([1, 1], reader.GetPixelID(), parts)
    sides = [int(side) for side in reader.GetSize()]
    if len(sides) < 2:
        raise InputError("has one axis, wanted two or three; save an image or a volume")
    if len(sides) > 3 and parts > 1:
        raise InputError(f"has {len(sides)} axes of {parts} values, wanted three; split the file")
    x, y, z, *frames = (*sides, 1)[: max(3, len(sides))]
    dtype = itk.GetArrayViewFromImage(sample).dtype
    if dtype.kind not in "iuf":
        raise InputError(f"holds {dtype} values, wanted real numbers; save the magnitude")
    return VolumeHeader((x, y, z), math.prod(frames) * parts, _affine(reader), dtype)


def _segments(image: Any) -> tuple[tuple[int, int], ...]:
    """Layer and value of every segment, as Slicer notes them."""
    segments = []
    for key in image.GetMetaDataKeys():
        number = SEGMENT.fullmatch(key)
        if number:
            layer = f"Segment{number[1]}_Layer"
            layer = image.GetMetaData(layer) if image.HasMetaDataKey(layer) else "0"
            with parsing():
                segments.append((int(number[1]), int(layer), int(image.GetMetaData(key))))
    return tuple((layer, value) for _, layer, value in sorted(segments))


def array_of(image: Any) -> NDArray[Any]:
    """An image's values (C, X, Y, Z): SimpleITK gives (T, Z, Y, X) or (Z, Y, X, C)."""
    array = simple_itk().GetArrayFromImage(image)
    if image.GetNumberOfComponentsPerPixel() == 1 and image.GetDimension() < 4:
        array = array[..., None]
    if image.GetDimension() == 4:
        array = np.moveaxis(array, 0, -1)
    if image.GetDimension() == 2:
        array = array[None]
    return np.asarray(array.transpose(3, 2, 1, 0))


def _affine(reader: Any) -> NDArray[np.float64]:
    """(4, 4) of an image of two, three or four axes."""
    axes = reader.GetDimension()
    direction = np.reshape(reader.GetDirection(), (axes, axes))
    used = min(axes, 3)
    affine = np.eye(4)
    affine[:used, :used] = (direction * reader.GetSpacing())[:used, :used]
    affine[:used, 3] = reader.GetOrigin()[:used]
    return np.asarray(TO_RAS @ affine)
