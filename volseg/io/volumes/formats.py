"""The table of volume formats by suffix, and what a format's module gives."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import Volume

LOOKED_AT = 16  # files of a folder, and folders; a series may lie beside a few notes


@dataclass(frozen=True)
class VolumeFormat:
    """A kind of volume file.

    Attributes:
        name: what people call it.
        module: the module of this package that reads and writes it, loaded when needed.
        suffixes: how its files end, in lower case.
        labels: the suffix that a label map for such an image is written with.
        writes: whether label maps are written with these suffixes.
    """

    name: str
    module: str
    suffixes: tuple[str, ...]
    labels: str
    writes: bool = True

    @property
    def placed(self) -> bool:
        """Whether its files say where they lie; a picture's know their spacing at most."""
        return self.module not in ("image", "tiff")

    def codec(self) -> Any:
        """Its module.

        It has ``read_header(path) -> VolumeHeader``, ``read(path, labels) -> Stored`` and
        ``write_labels(path, labels, affine, like, overwrite)``.
        """
        return importlib.import_module(f"volseg.io.volumes.{self.module}")


# A longer suffix stands before the shorter one it ends with.
VOLUME_FORMATS = (
    VolumeFormat("NIfTI", "nifti", (".nii.gz",), ".nii.gz"),
    VolumeFormat("NIfTI", "nifti", (".nii",), ".nii"),
    VolumeFormat("NIfTI pair", "pair", (".img", ".img.gz"), ".nii", writes=False),
    VolumeFormat("NIfTI pair", "pair", (".hdr", ".hdr.gz"), ".nii", writes=False),
    VolumeFormat("MGH", "mgh", (".mgz", ".mgh.gz"), ".mgz"),
    VolumeFormat("MGH", "mgh", (".mgh",), ".mgh"),
    VolumeFormat("NRRD", "itk", (".nrrd",), ".nrrd"),
    VolumeFormat("NRRD", "itk", (".nhdr",), ".nrrd", writes=False),
    VolumeFormat("MetaImage", "itk", (".mha",), ".mha"),
    VolumeFormat("MetaImage", "itk", (".mhd",), ".mha", writes=False),
    VolumeFormat("PNG", "image", (".png",), ".png"),
    VolumeFormat("OME-TIFF", "tiff", (".ome.tif", ".ome.tiff"), ".ome.tif"),
    VolumeFormat("TIFF", "tiff", (".tif", ".tiff"), ".tif"),
    VolumeFormat("JPEG", "image", (".jpg", ".jpeg"), ".png", writes=False),
    VolumeFormat("BMP", "image", (".bmp",), ".png", writes=False),
    VolumeFormat("GIF", "image", (".gif",), ".png", writes=False),
)
STRUCTURES = "segmentations"  # what TotalSegmentator calls a folder of masks
MASKS = VolumeFormat("folder of masks", "structures", (), ".nii.gz", writes=False)
DICOM = VolumeFormat("DICOM series", "dicom", (), ".nii.gz", writes=False)


@dataclass(frozen=True)
class VolumeHeader:
    """What a file says of its volume before its voxels are read.

    Attributes:
        grid: voxels along each axis.
        channels: number of channels.
        affine: float64 (4, 4), as `Volume`'s.
        dtype: type of the values as stored.
        doubt: how the header contradicts itself, and what is taken; empty where it does not.
    """

    grid: tuple[int, int, int]
    channels: int
    affine: NDArray[np.float64]
    dtype: np.dtype[Any]
    doubt: str = ""


@dataclass(frozen=True)
class Stored:
    """A volume as its file stores it; a value means ``stored * slope + inter``.

    Attributes:
        volume: its values as stored.
        slope: what they are to be multiplied by.
        inter: what is then to be added.
        segments: of labels in several channels, what the file calls a segment: channel and value.
    """

    volume: Volume
    slope: float = 1.0
    inter: float = 0.0
    segments: tuple[tuple[int, int], ...] = ()

    @property
    def scaled(self) -> bool:
        """Whether a value differs from what is stored."""
        return (self.slope, self.inter) != (1.0, 0.0)


def volume_suffixes() -> tuple[str, ...]:
    """The suffixes of the files `read_volume` takes, in lower case, with their dots."""
    return tuple(suffix for kind in VOLUME_FORMATS for suffix in kind.suffixes)


def is_volume(path: Path | str) -> bool:
    """Whether a path ends like a volume's file, or is the folder of a DICOM series."""
    path = Path(path)
    return path.name.lower().endswith(volume_suffixes()) or _is_series(path)


def is_listed_volume(path: Path | str) -> bool:
    """Whether a folder's file counts as a volume: of a pair its ``.img`` does, not its ``.hdr``."""
    path = Path(path)
    if not is_volume(path) or path.name.startswith("."):
        return False
    stem = volume_stem(path)
    images = (f"{stem}.img", f"{stem}.img.gz")
    header = path.name.lower().endswith((".hdr", ".hdr.gz"))
    return not (header and any(path.with_name(name).exists() for name in images))


def volume_stem(path: Path | str) -> str:
    """File name without a volume's suffix: ``a`` of ``a.nii.gz``; a folder's whole name."""
    name = Path(path).name
    for suffix in volume_suffixes():
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def find_volume_format(path: Path) -> VolumeFormat:
    """The format of a path by its suffix, or by what it holds.

    DICOM is such a file, or a folder of them; a folder called `STRUCTURES` holds masks.

    Raises:
        InputError: if there is none.
    """
    name = path.name.lower()
    for kind in VOLUME_FORMATS:
        if name.endswith(kind.suffixes):
            return kind
    if path.name.lower() == STRUCTURES and path.is_dir():
        return MASKS
    if holds_dicom(path) if path.is_dir() else is_dicom(path):
        return DICOM
    if path.is_dir():
        raise InputError("is a folder without DICOM files; name a file in it", path=path)
    raise InputError(
        f"{path.suffix!r} is no volume format volseg knows; it knows {' '.join(volume_suffixes())} "
        "and folders of DICOM files",
        path=path,
    )


def label_suffix(path: Path | str) -> str:
    """The suffix that a label map for an image is written with.

    Raises:
        InputError: if the path is no volume.
    """
    return find_volume_format(Path(path)).labels


def label_dtype(labels: NDArray[Any], *types: type[np.integer[Any]]) -> np.dtype[Any]:
    """The first of some integer types that holds every label.

    Raises:
        InputError: if none does.
    """
    lowest, highest = int(labels.min()), int(labels.max())
    for kind in types:
        limits = np.iinfo(kind)
        if limits.min <= lowest and highest <= limits.max:
            return np.dtype(kind)
    limits = np.iinfo(types[-1])
    raise InputError(
        f"labels run from {lowest} to {highest}; the format holds {limits.min} to {limits.max}"
    )


def is_dicom(path: Path) -> bool:
    """Whether a file begins as DICOM files do."""
    try:
        with path.open("rb") as stream:
            return stream.read(132)[128:] == b"DICM"
    except OSError:
        return False


def holds_dicom(folder: Path) -> bool:
    """Whether DICOM files are in a folder or in those within it, as the first few show."""
    folders = islice(os.walk(folder), LOOKED_AT)
    return any(_is_dicom_folder(Path(place)) for place, _, _ in folders)


def _is_series(path: Path) -> bool:
    """Whether a folder is that of one scan: DICOM files are in it, or in the only one within it."""
    while path.is_dir():
        if _is_dicom_folder(path):
            return True
        inside = [one for one in path.iterdir() if one.is_dir() and one.name[0] != "."]
        if len(inside) != 1:
            return False
        path = inside[0]
    return False


def _is_dicom_folder(folder: Path) -> bool:
    files = (one for one in sorted(folder.iterdir()) if one.is_file())
    return any(is_dicom(one) for one in islice(files, LOOKED_AT))
