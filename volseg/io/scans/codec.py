"""What every format of scans gives: reading and writing, and what only some of them can."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import PointCloud
from volseg.io.scans.extent import ScanExtent

Votes = Callable[
    [slice], tuple[NDArray[np.int64], NDArray[np.float32] | None, NDArray[np.int64] | None]
]
"""Gives class ids, int64 (n,), confidences, float32 (n,) or none, and ids of objects, int64 (n,) or
none, of some rows of a scan."""


class ScanStream(Protocol):
    """Reads and relabels a file some rows at a time: memory for one piece, whatever its size."""

    def count(self, path: Path) -> int:
        """Points a file has, as its header says."""

    def extent_of(self, path: Path, system: str | None = None) -> ScanExtent | None:
        """Where a file lies, as its header says; None where it names no projected CRS.

        ``system`` is a CRS in place of the file's own, as WKT.
        """

    def check_ids(self, path: Path, ids: NDArray[np.int64]) -> None:
        """Refuse class ids, int64 (n,), that a file's records cannot hold."""

    def read(self, path: Path, rows: int, label_field: str | None = None) -> Iterator[PointCloud]:
        """A file's points, some rows at a time, in their order."""

    def relabel(
        self,
        target: Path,
        like: Path,
        votes: Votes,
        rows: int,
        counted: Callable[[PointCloud], NDArray[np.bool_]],
        *,
        highest: int,
        by: str | None,
        overwrite: bool,
    ) -> list[Path]:
        """Write a copy of ``like`` with other labels, some rows at a time.

        Args:
            target: where to write.
            like: the file.
            votes: gives the labels of the points that are counted.
            rows: points of a piece.
            counted: which points of a piece those are, bool (n,).
            highest: largest label.
            by: what gave the labels.
            overwrite: replace an existing file.
        """


class ScanCodec(ABC):
    """Reads and writes the scans of one format.

    Attributes:
        names_systems: whether its files say which coordinate system they are in.
        one_word_names: whether the names of its fields are one ASCII word each.
        longest_name: bytes that a name of an attribute takes at most, None without a limit.
        tells_outdated: whether a labelled copy leaves out what told of the labels before, and
            the codec says so itself.
        asprs_labels: whether its labels are the classes of ASPRS' LAS.
        takes_columns: whether users may name the columns of its files.
    """

    names_systems: ClassVar[bool] = False
    one_word_names: ClassVar[bool] = False
    longest_name: ClassVar[int | None] = None
    tells_outdated: ClassVar[bool] = False
    asprs_labels: ClassVar[bool] = False
    takes_columns: ClassVar[bool] = False

    @abstractmethod
    def read(self, path: Path, label_field: str | None) -> PointCloud:
        """Read a scan; see `volseg.io.read`."""

    def write(
        self, path: Path, cloud: PointCloud, like: Path | None, overwrite: bool
    ) -> list[Path]:
        """Write a labelled copy of ``like``, or a new file; see `volseg.io.write`."""
        raise InputError("is of a format that volseg does not write", path=path)

    def beside(self, path: Path) -> list[Path]:
        """Files, there or not, that a scan is read from besides its own."""
        return []

    def labelled_by(self, path: Path) -> str | None:
        """What a scan's file says gave its labels, or None."""
        return None

    def header_facts(self, path: Path) -> dict[str, str]:
        """What the header of a file says of the file itself, by name."""
        return {}

    def with_columns(self, columns: Sequence[str]) -> ScanCodec:
        """The codec for files whose first columns are called so, where it takes columns."""
        return self

    def check_folder(self, path: Path, files: Sequence[Path]) -> None:
        """Refuse a folder where other files would be taken for those of a scan, ``files``."""
        return

    def stream(self) -> ScanStream | None:
        """What reads and relabels its files in pieces; None where they are read whole."""
        return None
