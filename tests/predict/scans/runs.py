"""Runs over small scans of several tiles, watched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyproj

from volseg.geometry import PointCloud
from volseg.io import write
from volseg.predict.scans.job import ScanJob, ScanOptions
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.run import segment_scans
from volseg.progress import Progress

SMALL = 3_000_000
"""Bytes that make several tiles of the scans below."""


class Watch(Progress):
    """Keeps the works it is told of, and stops the run where told.

    Attributes:
        stop: whether to stop at some work, by its verb and how many points are done.
        works: file and verb of every work, in the order of their begins.
        done: how many points of each work were done whenever that was told.
    """

    def __init__(self, stop: Callable[[str, float], bool] = lambda verb, done: False) -> None:
        self.stop = stop
        self.works: list[tuple[str, str]] = []
        self.done: dict[tuple[str, str], list[float]] = {}

    def work(self, what: str, done: float, total: float) -> None:
        verb, name, *_ = what.split()
        if (name, verb) not in self.works:
            self.works.append((name, verb))
        self.done.setdefault((name, verb), []).append(done)
        if self.stop(verb, done):
            raise KeyboardInterrupt


def stops_at_second() -> Watch:
    """Stops when the second scan, ``b.laz``, is written."""
    watch = Watch()
    watch.stop = lambda verb, done: verb == "writing" and watch.works[-1][0] == "b.laz"
    return watch


def run(
    model: ScanModel, out: Path, *sources: Path, watch: Watch | None = None, **options: Any
) -> list[ScanJob]:
    """Segment scans tile by tile into a folder."""
    out.mkdir(exist_ok=True)
    jobs = [ScanJob(source, out / source.name) for source in sources]
    how = ScanOptions(**options)
    return list(segment_scans(model, jobs, how, memory=SMALL, progress=watch or Watch()))


def wkt(code: int) -> str:
    """A coordinate system as text."""
    return str(pyproj.CRS.from_epsg(code).to_wkt())


def halves(folder: Path, cloud: PointCloud, codes: tuple[int | None, int | None]) -> list[Path]:
    """The two sides of a scan as files in these coordinate systems."""
    left = cloud.xyz[:, 0] < cloud.xyz[:, 0].mean()
    paths = []
    for name, side, code in zip("ab", (left, ~left), codes, strict=True):
        paths.append(folder / f"{name}.laz")
        crs = None if code is None else wkt(code)
        write(paths[-1], replace(cloud.take(side), crs=crs))
    return paths
