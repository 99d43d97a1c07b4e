"""How time and memory grow with points, voxels and classes."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tests.benchmarks.measure import memory, seconds
from tests.benchmarks.row import Side
from tests.benchmarks.rows.sparse import cells
from tests.benchmarks.scenes import QUICK, street
from volseg.data.scans.features import channels, parse_features
from volseg.data.volumes.channel import Channel
from volseg.geometry import voxelize, windows
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.nn import UNet, Voxels
from volseg.nn.allocator import keep_freed_memory
from volseg.nn.layout import channels_last
from volseg.predict.scans.model import ScanModel
from volseg.predict.volumes.model import VolumeModel

FITTED = 3
"""Sizes, the largest, that exponents are fitted to: fixed costs hide growth in small ones."""


@dataclass(frozen=True)
class Load:
    """Work of one size: what is timed, how large it is, and what time should grow as."""

    side: Side
    size: int
    work: float


@dataclass(frozen=True)
class Growth:
    """One piece of work at rising sizes.

    Attributes:
        what: the work.
        unit: what its size counts.
        bound: most bytes that one more unit may cost, the promise the suite checks.
        sizes: passed to ``make``.
        make: the work of one size.
        keeps: whether the process keeps freed memory, as those that train and predict do.
    """

    what: str
    unit: str
    bound: float
    sizes: Sequence[int]
    make: Callable[[int], Load]
    keeps: bool = True

    def measure(self, size: int) -> dict[str, Any]:
        """Memory of the first call, and the median seconds of the next three."""
        if self.keeps:
            keep_freed_memory()
        load = self.make(size)
        grown = memory(load.side).grown
        median = statistics.median(seconds(load.side) for _ in range(3))
        return {"size": load.size, "work": load.work, "seconds": median, "bytes": grown}


def slope(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Exponent of a power law through the largest sizes: the slope of log against log."""
    x, y = (np.log(np.maximum(one[-FITTED:], 1e-9)) for one in (sizes, values))
    return float(np.polyfit(x, y, 1)[0])


def bytes_each(sizes: Sequence[float], values: Sequence[float]) -> float:
    """What one more unit costs: the slope of a line through the largest sizes."""
    return float(np.polyfit(sizes[-FITTED:], values[-FITTED:], 1)[0])


def _voxelize(points: int) -> Load:
    cloud = street(points)
    return Load(lambda: voxelize(cloud, 0.2), points, points * np.log(points))


def _sparse_step(voxels: int, classes: int = 8) -> Load:
    coords = cells(street(4 * voxels), 0.1)[:voxels]
    torch.manual_seed(0)
    net = UNet(3, 2, classes, (16, 32, 64, 96), block="residual")
    optimizer = torch.optim.AdamW(net.parameters())
    features, target = torch.randn(len(coords), 2), torch.randint(classes, (len(coords),))

    def run() -> None:
        logits = net(Voxels.of(coords, features)).features
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits, target).backward()
        optimizer.step()

    return Load(run, len(coords), len(coords))


def _sparse_classes(classes: int) -> Load:
    load = _sparse_step(50_000 if not QUICK else 1_000, classes)
    return Load(load.side, classes, classes)


def _scan(points: int) -> Load:
    cloud = street(points)
    torch.manual_seed(0)
    seen = parse_features("offset", "height")
    net = UNet(3, channels(seen), 8, (16, 32, 64, 96), block="residual").eval()
    model = ScanModel(net, _labels(8), 0.2, seen, torch.device("cpu"))
    return Load(lambda: model(cloud), points, points)


def _volume(side: int, classes: int = 8, patch: int = 32) -> Load:
    torch.manual_seed(0)
    net = channels_last(UNet(3, 1, classes, (8, 16), norm="instance"), 3).eval()
    model = VolumeModel(
        nets=(net,),
        labels=_labels(classes),
        spacing=(1.0, 1.0, 1.0),
        channels=(Channel("none"),),
        patch=(patch,) * 3,
        device=torch.device("cpu"),
    )
    image = np.random.default_rng(0).random((1, side, side, side), np.float32)
    seen = (len(windows.starts(side, patch)) * patch) ** 3
    volume = Volume(image, np.eye(4))
    return Load(lambda: model.label(volume), side**3, seen)


def _volume_classes(classes: int) -> Load:
    load = _volume(96 if not QUICK else 40, classes)
    return Load(load.side, classes, classes)


def _dense_step(side: int) -> Load:
    torch.manual_seed(0)
    net = channels_last(UNet(3, 1, 4, (16, 32, 64), norm="instance"), 3).train()
    optimizer = torch.optim.AdamW(net.parameters())
    x, target = torch.randn(1, 1, side, side, side), torch.randint(4, (1, side, side, side))

    def run() -> None:
        loss = torch.nn.functional.cross_entropy(net(x), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return Load(run, side**3, side**3)


def _labels(classes: int) -> LabelMap:
    names = (LabelClass(f"class {one}", (one,), "#000000") for one in range(classes))
    return LabelMap(tuple(names))


def _up_to(*sizes: int, shrink: int = 50) -> Sequence[int]:
    return [size // shrink for size in sizes] if QUICK else sizes


GROWTHS = {
    "grow-voxelize": Growth(
        "voxelize at 0.2 m", "points", 40,
        _up_to(100_000, 300_000, 1_000_000, 3_000_000, 10_000_000), _voxelize, keeps=False,
    ),
    "grow-sparse-step": Growth(
        "sparse training step, U-Net (16, 32, 64, 96), maps included", "voxels", 6_000,
        _up_to(10_000, 30_000, 60_000, 120_000, 240_000), _sparse_step,
    ),
    "grow-sparse-classes": Growth(
        "sparse training step, 50,000 voxels", "classes", 50_000 * 40,
        _up_to(2, 8, 32, 128, shrink=1), _sparse_classes,
    ),
    "grow-scan": Growth(
        "predict a scan at 0.2 m, U-Net (16, 32, 64, 96)", "points", 300,
        _up_to(100_000, 300_000, 1_000_000, 3_000_000), _scan,
    ),
    "grow-volume": Growth(
        "predict a volume, windows of 32^3, U-Net (8, 16), 8 classes", "voxels", 40,
        _up_to(48, 64, 128, 192, shrink=2), _volume,
    ),
    "grow-volume-classes": Growth(
        "predict a volume of 96^3 voxels", "classes", 96**3 * 4,
        _up_to(2, 8, 32, 128, shrink=1), _volume_classes,
    ),
    "grow-dense-step": Growth(
        "dense training step, U-Net (16, 32, 64), float32", "voxels", 2_000,
        _up_to(32, 48, 64, 96, shrink=2), _dense_step,
    ),
}  # fmt: skip
