"""Folders that hold one DICOM series, by SimpleITK."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.itk import array_of, explaining, header_of, simple_itk
from volseg.io.volume_formats import Stored, VolumeHeader

UNEVEN = 0.1  # of the distance of slices: more is a missing slice, not rounding


def read_header(path: Path) -> VolumeHeader:
    """See `volseg.io.volumes.read_volume_header`."""
    return _header(_slices(path))


def read(path: Path, labels: bool) -> Stored:
    """The volume, its slices in order of their position.

    Raises:
        InputError: if there are several series, or a slice is missing.
    """
    files = _slices(path)
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
            f"its slices lie {steps.min():.3g} to {steps.max():.3g} mm apart; wanted one "
            "distance: a slice is missing, or the folder mixes two series"
        )
    return Stored(Volume(array_of(image), header.affine))


def _header(files: list[Path]) -> VolumeHeader:
    first = header_of(files[0])
    if len(files) == 1:
        return first
    affine = first.affine.copy()
    last = header_of(files[-1]).affine
    affine[:3, 2] = (last[:3, 3] - affine[:3, 3]) / (len(files) - 1)
    x, y, _ = first.grid
    return replace(first, grid=(x, y, len(files)), affine=affine)


def _slices(folder: Path) -> list[Path]:
    reader = simple_itk().ImageSeriesReader()
    with explaining():
        series = reader.GetGDCMSeriesIDs(str(folder))
        if len(series) != 1:
            raise InputError(f"holds {len(series)} DICOM series; wanted one: a folder for each")
        return [Path(name) for name in reader.GetGDCMSeriesFileNames(str(folder), series[0])]
