"""Scans larger than memory: read in pieces, and written again with other labels in pieces.

LAS and LAZ are streamed. Scans of other formats, and small ones, are one piece, read once.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError, InputWarning
from volseg.geometry.points import PointCloud
from volseg.io.naming import naming
from volseg.io.scans.codec import ScanStream, Votes
from volseg.io.scans.crs import assigned
from volseg.io.scans.extent import ScanExtent
from volseg.io.scans.files import read, write
from volseg.io.scans.formats import find_scan_format
from volseg.io.scans.instances import take_instances

PIECE = 500_000
"""Points of a piece: ten chunks of LAZ, about a hundred megabytes at work."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """A scan in pieces of consecutive points.

    Attributes:
        path: its file.
        label_field: as in `volseg.io.read`.
        crs: as in `volseg.io.read`.
        columns: as in `volseg.io.read`.
        noise: whether points that the file withholds or calls noise count.
    """

    path: Path
    label_field: str | None = None
    crs: str | None = None
    columns: tuple[str, ...] | None = None
    noise: bool = False

    def __iter__(self) -> Iterator[PointCloud]:
        """The pieces in order, at least one; whole scans stay in memory for what comes next.

        Points without a place are left out, as `placed_points` does, and so is noise that does
        not count.

        Raises:
            InputError: as `volseg.io.read`.
        """
        stream = self._stream
        if stream is None or not self.streams:
            cloud = placed_points(self._cloud, self.path)
            yield cloud.only(self._counted(cloud))
            return
        with naming(self.path):
            for cloud in stream.read(self.path, PIECE, self.label_field):
                cloud = take_instances(cloud.only(self._counted(cloud)))
                yield assigned(cloud, self.crs)

    def relabel(
        self,
        target: Path,
        votes: Votes,
        *,
        highest: int,
        by: str | None = None,
        overwrite: bool = False,
    ) -> list[Path]:
        """Write the scan again with other labels; nothing else changes, as in `volseg.io.write`.

        Points that the pieces leave out, for which there are no votes, keep the class they have,
        or get 0.

        Args:
            target: where to write.
            votes: gives the labels.
            highest: largest of them.
            by: what gave them, as in `PointCloud.with_labels`.
            overwrite: replace an existing file.

        Returns:
            The files written.

        Raises:
            InputError: as `volseg.io.write`.
        """
        stream = self._stream
        if stream is not None and self.streams and self._shares_codec(target):
            with naming(target):
                return stream.relabel(
                    target, self.path, votes, PIECE, self._counted,
                    highest=highest, by=by, overwrite=overwrite,
                )  # fmt: skip
        cloud = self._cloud
        say_label_problem(cloud, self.path)
        counted = self._counted(cloud)
        labelled = cloud.with_labels_of(counted, *votes(slice(0, int(counted.sum()))), by=by)
        if not cloud.placed.all():
            had = "0" if cloud.labels is None else "the class they had"
            text = f"the {int((~cloud.placed).sum()):,} points without coordinates have {had}"
            warnings.warn(InputWarning(text, path=target), stacklevel=2)
        return write(target, labelled, like=self.path, overwrite=overwrite, columns=self.columns)

    def _counted(self, cloud: PointCloud) -> NDArray[np.bool_]:
        return cloud.placed if self.noise else cloud.counted

    def check_ids(self, target: Path, ids: NDArray[np.int64]) -> None:
        """Refuse class ids that a target could not hold, before long work is done for it.

        Raises:
            InputError: if it could not.
        """
        if self._stream is not None and self._shares_codec(target):
            with naming(self.path):
                self._stream.check_ids(self.path, ids)

    @property
    def streams(self) -> bool:
        """Whether the scan is read in more than one piece."""
        return (self.count or 0) > PIECE

    @cached_property
    def count(self) -> int | None:
        """Points the header of the file says it has; None where the format has to be read."""
        if self._stream is None:
            return None
        with naming(self.path):
            return self._stream.count(self.path)

    @property
    def _stream(self) -> ScanStream | None:
        return find_scan_format(self.path).codec().stream()

    def _shares_codec(self, target: Path) -> bool:
        return find_scan_format(self.path).shares_codec(find_scan_format(target))

    @cached_property
    def _cloud(self) -> PointCloud:
        return read(self.path, label_field=self.label_field, crs=self.crs, columns=self.columns)


def placed_points(cloud: PointCloud, path: Path) -> PointCloud:
    """The points of a scan that have a place; an `InputWarning` counts the others."""
    if not cloud.placed.all():
        text = (
            f"{int((~cloud.placed).sum()):,} of {len(cloud):,} points have no coordinates "
            "(NaN or infinite); they are left out"
        )
        warnings.warn(InputWarning(text, path=path), stacklevel=2)
    return cloud.only_placed()


def say_label_problem(cloud: PointCloud, path: Path) -> None:
    """Give an `InputWarning` of labels beside a scan that are left out, for who needs none."""
    if cloud.label_problem is not None:
        warnings.warn(InputWarning(f"{cloud.label_problem}: left out", path=path), stacklevel=3)


def extent_of(path: Path, crs: str | None = None) -> ScanExtent | None:
    """Where a scan lies, without reading its points; None where its file does not say.

    Only files that name their CRS do, or whose CRS is given as WKT: coordinates in local frames
    can be compared with no other.
    """
    stream = find_scan_format(path).codec().stream()
    if stream is None:
        return None
    try:
        with naming(path):
            return stream.extent_of(path, crs)
    except InputError:  # said when the points are read
        return None
