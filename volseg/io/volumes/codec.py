"""What every format of volumes gives: a header, voxels, and label maps written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import Volume


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
        volume: the values as the file stores them.
        slope: factor that stored values are multiplied by.
        inter: offset that is added then.
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


class VolumeCodec(ABC):
    """Reads the volumes of one format, and writes label maps in it where volseg does."""

    @abstractmethod
    def read_header(self, path: Path) -> VolumeHeader:
        """See `volseg.io.read_volume_header`."""

    @abstractmethod
    def read(self, path: Path, labels: bool) -> Stored:
        """The volume as stored; ``labels`` says that ids are wanted, not colours."""

    def write_labels(
        self, path: Path, labels: Volume, like: Path | None, overwrite: bool, by: str | None = None
    ) -> None:
        """Write a label map, whole or not at all.

        Args:
            path: where to write.
            labels: integers (1, X, Y, Z), and their place.
            like: the image, where it is of this format; its header is kept.
            overwrite: replace an existing file.
            by: what gave the labels, for formats that have a place for it.
        """
        raise InputError("is of a format that volseg writes no labels in", path=path)

    def set_place(self, path: Path, affine: NDArray[np.float64]) -> None:
        """Give a file one place, an affine (4, 4) in millimetres; all else stays."""
        raise InputError("is of a format whose place volseg does not change", path=path)


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
    wider = "; write .tif or .nii.gz" if lowest >= 0 and limits.max < highest < 2**31 else ""
    raise InputError(
        f"labels run from {lowest} to {highest}; the format holds {limits.min} to {limits.max}"
        f"{wider}"
    )
