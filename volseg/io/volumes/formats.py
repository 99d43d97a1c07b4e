"""The table of volume formats by suffix, and how volumes are called."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from itertools import islice
from pathlib import Path

from volseg.errors import InputError
from volseg.io.volumes.codec import VolumeCodec
from volseg.plugins import Registry

LOOKED_AT = 16  # files of a folder, and folders; a series may lie beside a few notes


@dataclass(frozen=True)
class VolumeFormat:
    """A kind of volume file.

    Attributes:
        name: what people call it.
        codec: gives what reads and writes it, imported when it is first called.
        suffixes: how its files end, in lower case.
        labels: suffix that a label map for such an image is written with.
        writes: whether label maps are written with these suffixes.
        placed: whether its files say where they lie; a picture's know their spacing at most.
    """

    name: str
    codec: Callable[[], VolumeCodec]
    suffixes: tuple[str, ...]
    labels: str
    writes: bool = True
    placed: bool = True

    def shares_codec(self, other: VolumeFormat) -> bool:
        """Whether a label map in one can keep the header of an image in the other."""
        return self.codec is other.codec


@cache
def _codec(module: str, name: str) -> VolumeCodec:
    codec = getattr(import_module(f"volseg.io.volumes.{module}"), name)()
    assert isinstance(codec, VolumeCodec)
    return codec


NIFTI = partial(_codec, "nifti", "NiftiCodec")
PAIR = partial(_codec, "pair", "PairCodec")
MGH = partial(_codec, "mgh", "MghCodec")
ITK = partial(_codec, "itk", "ItkCodec")
IMAGE = partial(_codec, "image", "ImageCodec")
TIFF = partial(_codec, "tiff", "TiffCodec")

# A longer suffix stands before the shorter one it ends with.
OWN_FORMATS = (
    VolumeFormat("NIfTI", NIFTI, (".nii.gz",), ".nii.gz"),
    VolumeFormat("NIfTI", NIFTI, (".nii",), ".nii"),
    VolumeFormat("NIfTI pair", PAIR, (".img", ".img.gz"), ".nii", writes=False),
    VolumeFormat("NIfTI pair", PAIR, (".hdr", ".hdr.gz"), ".nii", writes=False),
    VolumeFormat("MGH", MGH, (".mgz", ".mgh.gz"), ".mgz"),
    VolumeFormat("MGH", MGH, (".mgh",), ".mgh"),
    VolumeFormat("NRRD", ITK, (".nrrd",), ".nrrd"),
    VolumeFormat("NRRD", ITK, (".nhdr",), ".nrrd", writes=False),
    VolumeFormat("MetaImage", ITK, (".mha",), ".mha"),
    VolumeFormat("MetaImage", ITK, (".mhd",), ".mha", writes=False),
    VolumeFormat("PNG", IMAGE, (".png",), ".png", placed=False),
    VolumeFormat("OME-TIFF", TIFF, (".ome.tif", ".ome.tiff"), ".ome.tif", placed=False),
    VolumeFormat("TIFF", TIFF, (".tif", ".tiff"), ".tif", placed=False),
    VolumeFormat("JPEG", IMAGE, (".jpg", ".jpeg"), ".png", writes=False, placed=False),
    VolumeFormat("BMP", IMAGE, (".bmp",), ".png", writes=False, placed=False),
    VolumeFormat("GIF", IMAGE, (".gif",), ".png", writes=False, placed=False),
)
VOLUME_FORMATS = Registry("volseg.volume_formats", VolumeFormat, OWN_FORMATS)
"""All formats of volumes: volseg's own, registered ones, and those that packages bring."""
STRUCTURES = "segmentations"
"""What TotalSegmentator calls a folder of masks."""
MASKS = VolumeFormat(
    "folder of masks", partial(_codec, "structures", "StructuresCodec"), (), ".nii.gz", writes=False
)
DICOM = VolumeFormat(
    "DICOM series", partial(_codec, "dicom", "DicomCodec"), (), ".nii.gz", writes=False
)


def register_volume_format(kind: VolumeFormat) -> None:
    """Have volseg read and write another format of volumes, as long as this process runs."""
    VOLUME_FORMATS.register(kind)


def volume_suffixes() -> tuple[str, ...]:
    """The suffixes of the files `read_volume` takes, in lower case, with their dots."""
    return tuple(suffix for kind in VOLUME_FORMATS for suffix in kind.suffixes)


def is_volume(path: Path | str) -> bool:
    """Whether a path ends like a volume's file, or is the folder of a DICOM series."""
    path = Path(path)
    return _find(path) is not None or _is_series(path)


def _find(path: Path) -> VolumeFormat | None:
    name = path.name.lower()
    return next((kind for kind in VOLUME_FORMATS if name.endswith(kind.suffixes)), None)


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
    kind = _find(path)
    if kind is not None:
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
        inside = [folder for folder in path.iterdir() if folder.is_dir() and folder.name[0] != "."]
        if len(inside) != 1:
            return False
        path = inside[0]
    return False


def _is_dicom_folder(folder: Path) -> bool:
    files = (file for file in sorted(folder.iterdir()) if file.is_file())
    return any(is_dicom(file) for file in islice(files, LOOKED_AT))
