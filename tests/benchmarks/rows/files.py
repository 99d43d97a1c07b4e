"""Point files: in, and out again with other labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import laspy
import numpy as np

from tests.benchmarks.row import Row, Side, same
from tests.benchmarks.scenes import data, scratch, sized, street
from volseg.io import read, write


class Relabel(Row):
    """What ``volseg predict`` reads and writes, beside laspy called by hand."""

    peer = "laspy/read and write"
    wanted = 1 / 1.3

    def __init__(self, source: Path, what: str) -> None:
        self.source, self.folder = source, scratch()
        with laspy.open(source) as file:
            self.points = file.header.point_count
        self.work = f"read, relabel and write {self.points:,} points: {what}"

    def ours(self) -> Side:
        out = self.folder / f"ours{self.source.suffix}"

        def run() -> Path:
            cloud = read(self.source)
            relabelled = cloud.with_labels(np.full(len(cloud), 5))
            write(out, relabelled, like=self.source, overwrite=True)
            return out

        return run

    def theirs(self) -> Side:
        out = self.folder / f"theirs{self.source.suffix}"

        def run() -> Path:
            las = laspy.read(self.source)
            _ = las.xyz
            las.classification = np.full(len(las), 5, dtype=np.uint8)
            las.write(out)
            return out

        return run

    def agree(self, ours: Any, theirs: Any) -> str:
        first, second = laspy.read(ours), laspy.read(theirs)
        for name in second.point_format.dimension_names:
            same(first[name], second[name], name)
        return "every dimension equal"


def airborne_laz() -> Relabel:
    """A real tile, compressed."""
    return Relabel(data("lidar", "ahn3_3dfier", "ahn3_cropped_1.laz"), "LAZ, airborne")


def mobile_laz() -> Relabel:
    """A real scan of a street, compressed."""
    return Relabel(data("lidar", "oakland_mls", "oakland_part2_ag.laz"), "LAZ, mobile")


def street_las() -> Relabel:
    """Generated, not compressed."""
    file = scratch() / "street.las"
    if not file.exists():
        cloud = street(sized(3_000_000, 50_000))
        header = laspy.LasHeader(point_format=6, version="1.4")
        header.scales, header.offsets = np.full(3, 0.001), cloud.xyz.min(0)
        las = laspy.LasData(header)
        las.xyz = cloud.xyz
        las.write(file)
    return Relabel(file, "LAS, generated")
