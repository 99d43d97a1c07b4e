"""Score a network on the points of labelled scans while it trains, a tile at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import nn

from volseg.data.scans.columns import cells_of
from volseg.data.scans.features import Feature
from volseg.data.scans.samples import sample
from volseg.data.scans.store import CachedScan
from volseg.geometry.labels import IGNORE
from volseg.geometry.tiles import Tile, plan_tiles
from volseg.geometry.voxelgrid import voxelize_metres
from volseg.metrics.confusion import Confusion
from volseg.nn.receptive import receptive_field
from volseg.predict.scans.point_votes import segment_sample
from volseg.progress import Validation
from volseg.train.distributed import summed

TILE, POINTS = 500_000, 10
"""Most voxels segmented at once, about 1.5 GB; so many points count as one more."""


class ScanScorer:
    """The IoU of a network over held-out scans; each process takes its share of them.

    Scans are segmented in tiles, each with all points around it that its own depend on, so that
    the classes are those of whole scans, and memory is that of a tile.
    """

    def __init__(
        self,
        scans: Sequence[CachedScan],
        classes: Sequence[str],
        voxel_size: float,
        features: Sequence[Feature],
        accelerator: Accelerator,
    ) -> None:
        """Take this process's scans; nothing is read yet."""
        self.scans = scans[accelerator.process_index :: accelerator.num_processes]
        self.voxel_size, self.features = voxel_size, features
        self.classes, self.accelerator = classes, accelerator
        self._tiles: list[list[Tile]] = []

    def __call__(self, net: nn.Module) -> Validation:
        """Predict every point of every scan and count, summed over all processes."""
        confusion = Confusion(len(self.classes))
        seen = receptive_field(net)
        # One voxel more: a point may lie at either border of its own.
        margin = np.inf if seen is None else self.voxel_size * (1 + max(*seen.below, *seen.above))
        self._tiles = self._tiles or [self._plan(scan, margin) for scan in self.scans]
        for scan, tiles in zip(self.scans, self._tiles, strict=True):
            for tile in tiles:
                self._score(net, scan, tile, margin, confusion)
        confusion.counts = summed(confusion.counts, self.accelerator)
        scores = confusion.scores()
        by_class = dict(zip(self.classes, scores.iou.tolist(), strict=True))
        return Validation("IoU", scores.mean_iou, by_class)

    def _score(
        self, net: nn.Module, scan: CachedScan, tile: Tile, margin: float, confusion: Confusion
    ) -> None:
        lower, upper = (np.multiply(ends, scan.edge) for ends in (tile.lower, tile.upper))
        part = scan.within(lower - margin, upper + margin)
        one = sample(part, self.voxel_size, self.features)
        predicted, _ = segment_sample(net, one, self.accelerator.device, classes=len(self.classes))
        own = tile.holds(cells_of(part.metres, scan.edge))
        truth = part.labels[own]
        # Points of no certain class score nothing.
        confusion.update(np.where(truth < len(self.classes), truth, IGNORE), predicted[own])

    def _plan(self, scan: CachedScan, margin: float) -> list[Tile]:
        """Tiles of a scan that fit `TILE` with what lies around them; one if there is no end."""
        cells = scan.columns.cells()
        if np.isinf(margin) or len(scan) * (1 + 1 / POINTS) <= TILE:
            return [Tile.around(cells)]
        ring = int(np.ceil(margin / scan.edge))
        return plan_tiles(cells, _costs(scan, self.voxel_size), budget=TILE, ring=ring)


def _costs(scan: CachedScan, size: float) -> NDArray[np.float64]:
    """What each column of a scan adds to a tile, float64 (C,), in voxels."""
    columns, found = scan.columns, []
    for part, points in scan.blocks():
        grid = voxelize_metres(points.metres, size)
        column = columns[part].columns_of(points.metres)
        pairs = np.unique(column * len(grid) + grid.inverse)
        found.append(np.bincount(pairs // len(grid)) + np.bincount(column) / POINTS)
    return np.concatenate(found)
