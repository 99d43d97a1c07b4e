"""Score a network on the points of labelled scans while it trains, a tile at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import nn

from volseg.data.scans.columns import cells_of
from volseg.data.scans.features import Feature
from volseg.data.scans.samples import Sample, sample
from volseg.data.scans.store import CachedScan
from volseg.geometry.labels import IGNORE
from volseg.geometry.tiles import Tile, plan_tiles
from volseg.geometry.voxelgrid import voxelize_metres
from volseg.metrics.confusion import Confusion
from volseg.nn.receptive import receptive_field
from volseg.predict.scans.point_votes import run, segment_sample
from volseg.progress import Validation
from volseg.runs.calibration import Thinning
from volseg.train.distributed import gathered, summed

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
        for voxels, own, truth in self._samples(net):
            predicted, _ = segment_sample(
                net, voxels, self.accelerator.device, classes=len(self.classes)
            )
            confusion.update(truth, predicted[own])
        confusion.counts = summed(confusion.counts, self.accelerator)
        scores = confusion.scores()
        by_class = dict(zip(self.classes, scores.iou.tolist(), strict=True))
        return Validation("IoU", scores.mean_iou, by_class)

    def logits(self, net: nn.Module) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Logits (N, K) and classes (N,) of some labelled points, evenly chosen; of all processes.

        They are as many as `calibrate` has use for.
        """
        many = int(summed(np.array([sum(map(len, self.scans))]), self.accelerator)[0])
        thinned = Thinning(many)
        logits = [np.empty((0, len(self.classes)), np.float32)]
        classes = [np.empty(0, np.int64)]
        for voxels, own, truth in self._samples(net):
            chosen = thinned(np.flatnonzero(truth != IGNORE))
            output = run(net, voxels, self.accelerator.device)[:, : len(self.classes)]
            logits.append(voxels.grid.to_points(output.cpu().numpy())[own][chosen])
            classes.append(truth[chosen])
        found = np.concatenate(logits), np.concatenate(classes)
        return gathered(found[0], self.accelerator), gathered(found[1], self.accelerator)

    def _samples(
        self, net: nn.Module
    ) -> Iterator[tuple[Sample, NDArray[np.bool_], NDArray[np.int64]]]:
        """Tiles with all that they depend on, which of the points are their own, and those's truth.

        Points of no certain class have none.
        """
        seen = receptive_field(net)
        # One voxel more: a point may lie at either border of its own.
        margin = np.inf if seen is None else self.voxel_size * (1 + max(*seen.below, *seen.above))
        self._tiles = self._tiles or [self._plan(scan, margin) for scan in self.scans]
        for scan, tiles in zip(self.scans, self._tiles, strict=True):
            for tile in tiles:
                yield self._sample(scan, tile, margin)

    def _sample(
        self, scan: CachedScan, tile: Tile, margin: float
    ) -> tuple[Sample, NDArray[np.bool_], NDArray[np.int64]]:
        lower, upper = (np.multiply(ends, scan.edge) for ends in (tile.lower, tile.upper))
        part = scan.within(lower - margin, upper + margin)
        own = tile.holds(cells_of(part.metres, scan.edge))
        truth = part.labels[own]
        known = np.where((truth >= 0) & (truth < len(self.classes)), truth, IGNORE)
        return sample(part, self.voxel_size, self.features), own, known

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
