"""Points to voxels."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.row import DisagreementError, Row, Side, same
from tests.benchmarks.scenes import SCANS, scan, sized, street
from volseg.geometry import VoxelGrid, voxelize
from volseg.nn.allocator import keep_freed_memory
from volseg.view.window.display import load_open3d

SIZE = 0.2


class Voxelize(Row):
    """Georeferenced float64 points into voxels, with the voxel of every point and its count."""

    points = 5_000_000

    def __init__(self, name: str | None = None, *, shuffled: bool = False) -> None:
        """Of a real scan, in file order or shuffled, or of a generated street."""
        keep_freed_memory()  # as `volseg predict` and `volseg train` do, here both sides
        if name is None:
            self.cloud, of = street(sized(self.points, 100_000)), "generated street"
        else:
            self.cloud = scan(SCANS[name], shuffled=shuffled)
            of = f"{name}, {'shuffled' if shuffled else 'file order'}"
        what = f"voxelize {len(self.cloud):,} points at {SIZE} m, with inverse and counts"
        self.work = f"{what}: {of}"

    def ours(self) -> Side:
        return lambda: voxelize(self.cloud, SIZE)


class BesideOpen3DTensor(Voxelize):
    peer = "open3d/t.voxel_down_sample, which gives no inverse"
    wanted, runs = 15, 3

    def theirs(self) -> Side:
        o3d = load_open3d()

        points = o3d.t.geometry.PointCloud(o3d.core.Tensor(self.cloud.xyz))
        return lambda: points.voxel_down_sample(SIZE)

    def agree(self, ours: VoxelGrid, theirs: Any) -> str:
        # It averages in float32, so that its points lie decimetres off in such a frame.
        many = len(theirs.point.positions)
        if many != len(ours):
            raise DisagreementError(f"{len(ours):,} voxels beside {many:,}")
        return f"{many:,} voxels on both sides"


class BesideOpen3DGrid(Voxelize):
    peer = "open3d/VoxelGrid, which gives no inverse"
    runs = 3

    def theirs(self) -> Side:
        o3d = load_open3d()

        points = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(self.cloud.xyz))
        lower = np.floor(self.cloud.xyz.min(0) / SIZE) * SIZE
        upper = self.cloud.xyz.max(0) + SIZE
        make = o3d.geometry.VoxelGrid.create_from_point_cloud_within_bounds
        return lambda: make(points, SIZE, lower, upper)

    def agree(self, ours: VoxelGrid, theirs: Any) -> str:
        cells = np.array([one.grid_index for one in theirs.get_voxels()], np.int64)
        same(ours.coords, cells[np.lexsort(cells.T[::-1])], "cells")
        return f"the same {len(ours):,} cells"


class BesideOpen3DTrace(Voxelize):
    """The one of Open3D's functions that tells which point lies where."""

    peer = "open3d/voxel_down_sample_and_trace"
    runs, points = 3, 1_000_000

    def theirs(self) -> Side:
        o3d = load_open3d()

        points = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(self.cloud.xyz))
        lower = np.floor(self.cloud.xyz.min(0) / SIZE) * SIZE
        upper = self.cloud.xyz.max(0) + SIZE
        return lambda: points.voxel_down_sample_and_trace(SIZE, lower, upper)

    def agree(self, ours: VoxelGrid, theirs: Any) -> str:
        sums, (_, _, members) = np.zeros(len(ours), np.int64), theirs
        for points in members:
            rows = ours.inverse[np.asarray(points)]
            if (rows != rows[0]).any():
                raise DisagreementError("points of one voxel lie in several of ours")
            sums[rows[0]] += len(rows)
        same(sums, ours.counts, "counts")
        return f"the same points in each of {len(ours):,} cells"


class BesideNumpy(Voxelize):
    """Keys of rows, then ``numpy.unique``."""

    peer = "numpy/unique with inverse and counts"
    wanted = 3

    def theirs(self) -> Side:
        def run() -> tuple[Any, ...]:
            cells = np.floor(self.cloud.xyz / SIZE)
            x, y, z = (cells - cells.min(axis=0)).astype(np.int64).T
            keys = (x * (int(y.max()) + 1) + y) * (int(z.max()) + 1) + z
            return np.unique(keys, return_inverse=True, return_counts=True)

        return run

    def agree(self, ours: VoxelGrid, theirs: Any) -> str:
        same(ours.inverse, theirs[1], "inverse")
        same(ours.counts, theirs[2], "counts")
        return "inverse and counts equal"


class BesideHash(Voxelize):
    """A 64-bit FNV-1 hash of the cell, sorted: the grid sampling of Pointcept."""

    peer = "numpy/sort and unique of a hash, as in Pointcept's GridSample"
    wanted = 3

    def theirs(self) -> Side:
        def run() -> tuple[Any, ...]:
            cells = np.floor(self.cloud.xyz / SIZE).astype(np.int64)
            cells = (cells - cells.min(axis=0)).astype(np.uint64)
            keys = np.full(len(cells), 14695981039346656037, np.uint64)
            for column in cells.T:
                keys = (keys * np.uint64(1099511628211)) ^ column
            order = np.argsort(keys)
            _, inverse, counts = np.unique(keys[order], return_inverse=True, return_counts=True)
            return order, inverse, counts

        return run

    def agree(self, ours: VoxelGrid, theirs: Any) -> str:
        order, inverse, counts = theirs
        heads = ours.inverse[order[np.flatnonzero(np.diff(inverse, prepend=-1))]]
        same(heads[inverse], ours.inverse[order], "voxels of the points")
        same(counts, ours.counts[heads], "counts")
        return "the same points in each voxel"


BESIDE: dict[str, type[Voxelize]] = {
    "open3d": BesideOpen3DTensor,
    "open3d-grid": BesideOpen3DGrid,
    "open3d-trace": BesideOpen3DTrace,
    "numpy": BesideNumpy,
    "hash": BesideHash,
}
