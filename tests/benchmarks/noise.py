"""``python -m tests.benchmarks.noise MODEL TILE...``: what unlabelled noise does to a model.

Points of the ground are copied to below it, with no class, and every tile is segmented with and
without them. Printed are the IoU of every class over the tile's own points, the share of those
whose class is another than without noise, and what the noise was found to be.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.geometry import PointCloud
from volseg.geometry.labels import IGNORE
from volseg.io import read
from volseg.metrics.confusion import Confusion
from volseg.models.load import load_scan_model
from volseg.predict.scans.model import ScanModel

GROUND = 2
KINDS = {
    "none": (0.0, 0.0, 0.0),
    "two points 8 m down": (2.0, 8.0, 8.0),
    "0.2 %, 0.5 to 8 m down": (0.002, 0.5, 8.0),
    "0.5 %, 0.5 to 2 m down": (0.005, 0.5, 2.0),
}
"""Points, in number or as a share of the ground's, and how deep they lie in metres."""


def noise_of(cloud: PointCloud, many: float, shallow: float, deep: float) -> NDArray[np.int64]:
    """The rows of ground points to copy, int64 (n,); neighbours where two alone are asked for."""
    assert cloud.labels is not None
    ground = np.flatnonzero(cloud.labels == GROUND)
    random = np.random.default_rng(0)
    if many < 1:
        return random.choice(ground, int(many * len(ground)), replace=False)
    away = np.hypot(*(cloud.xyz[ground, :2] - cloud.xyz[random.choice(ground), :2]).T)
    return ground[np.argsort(away)[: int(many)]]


def with_noise(cloud: PointCloud, kind: str) -> PointCloud:
    """A tile, and after its points some below them."""
    many, shallow, deep = KINDS[kind]
    rows = noise_of(cloud, many, shallow, deep)
    both = cloud.take(np.concatenate((np.arange(len(cloud)), rows)))
    both.xyz[len(cloud) :, 2] -= np.random.default_rng(1).uniform(shallow, deep, len(rows))
    return both


def main(name: str, paths: list[str]) -> None:
    """Print a row for every tile and kind of noise."""
    model: ScanModel = load_scan_model(name, "cpu")
    for path in map(Path, paths):
        cloud = read(path)
        cloud = cloud.only(cloud.counted)
        clean: NDArray[np.int64] | None = None
        for kind in KINDS:
            classes, _ = model.segment(with_noise(cloud, kind))
            own, noise = classes[: len(cloud)], classes[len(cloud) :]
            clean = own if clean is None else clean
            confusion = Confusion(len(model.labels))
            assert cloud.labels is not None
            confusion.update(model.labels.encode(cloud.labels), own)
            found = f"{(noise == IGNORE).mean():.0%}" if len(noise) else "-"
            cells = [path.name, kind, *(f"{one:.3f}" for one in confusion.scores().iou)]
            print("|", " | ".join([*cells, f"{(own != clean).mean():.2%}", found]), "|")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
