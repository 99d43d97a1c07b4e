"""``python -m tests.benchmarks.densities MODEL OUT TILE...``: scores of a model on thinned scans.

Tiles are thinned at random to some points a square metre, segmented and scored on the points that
are left. OUT gets ``0.3.json`` and so on, as ``volseg evaluate --json`` writes them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from volseg.geometry import PointCloud
from volseg.io import read
from volseg.metrics.confusion import Confusion
from volseg.models.load import load_scan_model
from volseg.predict.scans.model import ScanModel

DENSITIES = (0.3, 1.0, 3.0, 10.0, 50.0)


def thin(cloud: PointCloud, density: float) -> PointCloud | None:
    """About ``density`` points a square metre of what a cloud covers; None if it has fewer."""
    metres = cloud.metres()[:, :2]
    area = len(np.unique(np.floor(metres / 5), axis=0)) * 25.0
    share = density * area / len(cloud)
    kept = np.random.default_rng(0).random(len(cloud)) < share
    return cloud.take(np.flatnonzero(kept)) if share <= 1 else None


def measure(model: ScanModel, tiles: list[PointCloud], density: float) -> tuple[int, Confusion]:
    """How many of the tiles are dense enough, and the scores on these."""
    confusion, used = Confusion(len(model.labels)), 0
    for tile in tiles:
        some = thin(tile, density)
        if some is not None and some.labels is not None:
            classes, _ = model.segment(some)
            confusion.update(model.labels.encode(some.labels), classes)
            used += 1
    return used, confusion


def main() -> None:
    """Print a table, a row a density, and write the figures."""
    name, out, *files = sys.argv[1:]
    model, tiles = load_scan_model(name, "cpu"), [read(Path(file)) for file in files]
    Path(out).mkdir(parents=True, exist_ok=True)
    names = model.labels.names
    print("points/m2", "tiles", *names, "mean", sep=" | ")  # noqa: T201
    for density in DENSITIES:
        used, confusion = measure(model, tiles, density)
        if used:
            scores = confusion.scores()
            figures = (f"{one:.3f}" for one in (*scores.iou.tolist(), scores.mean_iou))
            print(f"{density:g}", used, *figures, sep=" | ")  # noqa: T201
            report = json.dumps(confusion.to_json(names), indent=2)
            (Path(out) / f"{density:g}.json").write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
