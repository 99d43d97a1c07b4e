"""DICOM as a PACS gives it, by SimpleITK: one series, or several in folders within folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import Volume, leaning
from volseg.io.volumes.codec import Stored, VolumeCodec, VolumeHeader
from volseg.io.volumes.dicom_seg import read_segmentation, read_segmentation_header
from volseg.io.volumes.itk import array_of, check_promise, explaining, header_of, simple_itk

SHOWN = 4  # series that an error names
UNEVEN = 0.1  # of the distance of slices: more is a missing slice, not rounding
TILTED = 0.5  # degrees by which slices may lean that are still taken for rounding
# Series that plan others; beside images, objects that are none.
LOCALIZER = re.compile(
    r"locali[sz]er|scout|survey|topogram|surview|scanogram|pilot|\bloc\b|(3|three)[ -]?plane",
    re.IGNORECASE,
)
NO_IMAGES = ("DOC", "KO", "PR", "REG", "RTDOSE", "RTPLAN", "RTSTRUCT", "SEG", "SR")
MODALITY, IMAGE_TYPE, DESCRIPTION = "0008|0060", "0008|0008", "0008|103e"


@dataclass(frozen=True)
class Series:
    """Files that belong together.

    Attributes:
        files: files of the slices, in order of their position.
        description: what the scanner called it; may be empty.
        modality: code of what scanned it, as MR or CT.
        localizer: whether it only served to plan others.
    """

    files: tuple[Path, ...]
    description: str
    modality: str
    localizer: bool


class DicomCodec(VolumeCodec):
    """Series of DICOM files."""

    def read_header(self, path: Path) -> VolumeHeader:
        """See `volseg.io.volumes.files.read_volume_header`."""
        if is_segmentation(path):
            return read_segmentation_header(path)
        return _header(choose_series(path).files)

    def read(self, path: Path, labels: bool) -> Stored:
        """The volume, its slices in order of their position.

        Raises:
            InputError: as `choose_series`, or if a slice is missing.
        """
        if is_segmentation(path):
            return read_segmentation(path)
        files = choose_series(path).files
        header = _header(files)
        reader = simple_itk().ImageSeriesReader()
        reader.SetFileNames([str(file) for file in files])
        with explaining():
            image = reader.Execute()
            places = np.array([header_of(file).affine[:3, 3] for file in files])
        steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
        wanted = float(np.linalg.norm(header.affine[:3, 2]))
        if len(files) > 1 and abs(steps - wanted).max() > UNEVEN * wanted:
            raise InputError(
                f"its slices lie {steps.min():.3g} to {steps.max():.3g} mm apart, wanted one "
                "distance; add the slice that is missing, or split the series"
            )
        return Stored(Volume(array_of(image), header.affine))


def is_segmentation(path: Path) -> bool:
    """Whether a file holds segments of a series, not images."""
    return path.is_file() and _tags(str(path)).get(MODALITY, "").strip() == "SEG"


def choose_series(path: Path, description: str | None = None) -> Series:
    """The series of images in a folder and the folders in it, or that a file belongs to.

    Localizers, and objects that are no images, are left out of folders.

    Args:
        path: a folder, or one file of the series.
        description: what the series is called, or a part of that, whatever the case.

    Raises:
        InputError: if there is none, or another than one.
    """
    if path.is_file():
        series = [candidate for candidate in _series_in(path.parent) if path in candidate.files]
    else:
        every = [
            candidate for candidate in _series_below(path) if candidate.modality not in NO_IMAGES
        ]
        planned = [candidate for candidate in every if not candidate.localizer]
        series = every if description is not None else planned or every
    if description is not None:
        wanted = description.lower()
        named = [candidate for candidate in series if candidate.description.lower() == wanted]
        parts = [candidate for candidate in series if wanted in candidate.description.lower()]
        if not (named or parts):
            raise InputError(
                f"holds no series {description!r}, but {_listed(series, path)}; choose one of these"
            )
        series = named or parts
    if not series:
        raise InputError("holds no DICOM series of images; name a folder that does")
    if len(series) > 1:
        raise InputError(
            f"holds {len(series)} series: {_listed(series, path)}; choose one by --series NAME of "
            "predict and of check --fix, or name its folder or one of its files"
        )
    return series[0]


def has_series(folder: Path, description: str | None = None) -> bool:
    """Whether a folder holds images that are no localizers, or some that are called so."""
    wanted = (description or "").lower()
    return any(
        series.modality not in NO_IMAGES
        and (wanted in series.description.lower() if description else not series.localizer)
        for series in _series_below(folder)
    )


def _listed(series: list[Series], path: Path) -> str:
    folder = path if path.is_dir() else path.parent
    shown = [
        f"{candidate.description or 'no name'} ({len(candidate.files)} files, "
        f"{os.path.relpath(candidate.files[0], folder)})"
        for candidate in series[:SHOWN]
    ]
    return ", ".join(shown) + (" ..." if len(series) > SHOWN else "")


def _series_below(folder: Path) -> Iterator[Series]:
    for place, inside, _ in os.walk(folder):
        inside[:] = sorted(name for name in inside if not name.startswith("."))
        yield from _series_in(Path(place))


def _series_in(folder: Path) -> Iterator[Series]:
    reader = simple_itk().ImageSeriesReader()
    with explaining():
        files_by_uid = {uid: reader.GetGDCMSeriesFileNames(str(folder), uid)
                 for uid in reader.GetGDCMSeriesIDs(str(folder))}  # fmt: skip
    for names in files_by_uid.values():
        if Path(names[0]).name.upper() == "DICOMDIR":
            continue
        tags = _tags(names[0])
        description = tags.get(DESCRIPTION, "").strip()
        kind = f"{tags.get(IMAGE_TYPE, '')} {description}"
        yield Series(
            tuple(map(Path, names)),
            description,
            tags.get(MODALITY, "").strip(),
            bool(LOCALIZER.search(kind)),
        )


def _tags(name: str) -> dict[str, str]:
    """What a file says of itself; nothing where it holds no image."""
    reader = simple_itk().ImageFileReader()
    reader.SetFileName(name)
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        return {MODALITY: NO_IMAGES[0]}
    return {key: reader.GetMetaData(key) for key in reader.GetMetaDataKeys()}


def _header(files: tuple[Path, ...]) -> VolumeHeader:
    header = header_of(files[0])
    if len(files) > 1:
        affine = header.affine.copy()
        last = header_of(files[-1]).affine
        affine[:3, 2] = (last[:3, 3] - affine[:3, 3]) / (len(files) - 1)
        x, y, _ = header.grid
        header = replace(header, grid=(x, y, len(files)), affine=affine, doubt=_tilt(affine))
    check_promise(header, files)
    return header


def _tilt(affine: NDArray[np.float64]) -> str:
    """What is to be said of slices that lean, as those of a CT with a tilted gantry do."""
    lean = leaning(affine)
    if lean <= TILTED:
        return ""
    return (
        f"its slices lean by {lean:.1f} degrees, as with a tilted gantry; every voxel keeps its "
        "place, which label maps say as a shear (NIfTI's sform), and networks see it leaning"
    )
