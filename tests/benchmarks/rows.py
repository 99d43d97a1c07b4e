"""What is compared with what; every row checks first that both sides agree."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import laspy
import numpy as np
import torch

from volseg.builders.nets import build_loss, build_scan_net
from volseg.builders.scans import build_crops, load_split
from volseg.config import load_config
from volseg.data.street import generate_street
from volseg.geometry import voxelize
from volseg.io import read, write

Row = tuple[str, Callable[[], object], str, Callable[[], object]]

DATA = Path(os.environ.get("VOLSEG_DATA", Path(__file__).parents[3] / "shared" / "data"))


def voxelization() -> Row:
    """Five million georeferenced points, with inverse and counts."""
    random = np.random.default_rng(0)
    street = generate_street(0)
    xyz = np.repeat(street.xyz, 25, axis=0) + random.uniform(-0.05, 0.05, (25 * len(street), 3))
    cloud = type(street)(xyz)

    def ours() -> object:
        return voxelize(cloud, 0.2)

    def theirs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        cells = np.floor(xyz / 0.2)
        x, y, z = (cells - cells.min(axis=0)).astype(np.int64).T
        keys = (x * (int(y.max()) + 1) + y) * (int(z.max()) + 1) + z
        return np.unique(keys, return_inverse=True, return_counts=True)

    grid, (_, inverse, counts) = voxelize(cloud, 0.2), theirs()
    assert (grid.inverse == inverse).all()
    assert (grid.counts == counts).all()
    return f"voxelize {len(xyz):,} points into {len(grid):,} voxels", ours, "numpy.unique", theirs


def label_file() -> Row:
    """LAZ in, the same LAZ with other labels out."""
    source = DATA / "lidar" / "ahn3_3dfier" / "ahn3_cropped_1.laz"
    folder = Path(tempfile.mkdtemp())

    def ours() -> object:
        cloud = read(source)
        labels = np.full(len(cloud), 5)
        return write(folder / "a.laz", cloud.with_labels(labels), like=source, overwrite=True)

    def theirs() -> object:
        las = laspy.read(source)
        _ = las.xyz
        las.classification = np.full(len(las), 5, dtype=np.uint8)
        las.write(folder / "b.laz")
        return las

    ours(), theirs()
    assert (laspy.read(folder / "a.laz").xyz == laspy.read(folder / "b.laz").xyz).all()
    return "read, relabel and write 640,510 LAZ points", ours, "laspy alone", theirs


def training_speed() -> str:
    """Voxels a second of whole training steps with the Oakland preset."""
    config = load_config("lidar/oakland")
    scans, _ = load_split(config, DATA / "lidar" / "oakland_mls")
    crops = build_crops(config, scans)
    net = build_scan_net(config)
    optimizer = torch.optim.AdamW(net.parameters())
    loss = build_loss(config.train.loss, crops.counts, torch.device("cpu"))
    voxels, seconds = 0, 0.0
    for number in range(25):
        batch = crops.draw(number)
        started = time.perf_counter()
        value = loss(net(batch.inputs).features, batch.targets)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        if number >= 5:
            voxels, seconds = voxels + len(batch.targets), seconds + time.perf_counter() - started
    parameters = sum(one.numel() for one in net.parameters())
    return (
        f"Training the Oakland preset ({parameters:,} parameters; forward, backward and step, "
        f"neighbour maps included): {voxels / seconds:,.0f} voxels a second."
    )


ROWS = (voxelization, label_file)
