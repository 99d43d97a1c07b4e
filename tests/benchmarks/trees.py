"""``python -m tests.benchmarks.trees RUN``: trees found on held-out clips, beside local maxima.

Clips of a site that lie within 150 m of each other are one place; whole places are held out. A
tree is found where a predicted one lies within 2 m of it in plan, or covers its box with an IoU of
0.4. A prediction that is mostly vegetation in no box is no error: the truth leaves some trees out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from tests.benchmarks.scenes import data
from volseg.geometry.points import PointCloud
from volseg.io.scans.files import read
from volseg.metrics.detection import Detection
from volseg.models.load import load_scan_model

HELD_OUT = {
    "MLBS": (2, 3, 11, 15, 21, 25, 26, 29),
    "OSBS": (1, 10, 23, 28, 29, 33, 37),
}
VALIDATED = {"MLBS": (9, 14, 19), "OSBS": (9, 22, 36)}
"""Clips of other places by which settings are chosen; all others are to train on."""
GROUND, TREE, NOISE = 2, 5, 7
DISTANCE, IOU = 2.0, 0.4
EDGE, LEAST = 0.5, 2.0
"""Cells of the canopy height model, and the lowest tree, in metres."""

Ids = NDArray[np.int64]


def clips(of: dict[str, tuple[int, ...]]) -> Iterator[tuple[str, PointCloud]]:
    """Site and points of some clips."""
    folder = data("instance3d_points", "idtrees_neon")
    for site, numbers in of.items():
        for number in numbers:
            yield site, read(folder / f"{site}_{number}.laz")


def local_maxima(window: float) -> Callable[[PointCloud], Ids]:
    """The filter every forester knows: highest cells of a smoothed canopy within a window."""

    def find(cloud: PointCloud) -> Ids:
        metres = cloud.metres()
        ground = metres[cloud.labels == GROUND]
        height = metres[:, 2] - ground[cKDTree(ground[:, :2]).query(metres[:, :2])[1], 2]
        cells = ((metres - metres.min(axis=0))[:, :2] // EDGE).astype(int)
        kept = (cloud.labels != NOISE) & (height < 60)
        canopy = np.zeros(cells.max(axis=0) + 1)
        np.maximum.at(canopy, tuple(cells[kept].T), height[kept])
        canopy = ndimage.gaussian_filter(canopy, 1.0)
        radius = round(window / EDGE / 2)
        disc = np.hypot(*np.mgrid[-radius : radius + 1, -radius : radius + 1]) <= radius
        tops = np.argwhere(
            (canopy == ndimage.maximum_filter(canopy, footprint=disc)) & (canopy > LEAST)
        )
        if not len(tops):
            return np.zeros(len(cloud), np.int64)
        far, nearest = cKDTree(tops).query(cells)
        near = kept & (height > LEAST) & (far * EDGE < 2 * DISTANCE)
        return np.where(near, nearest + 1, 0)

    return find


def count(cloud: PointCloud, ids: Ids) -> Detection:
    """How many trees of a clip are found."""
    assert cloud.instances is not None
    loose = (cloud.labels == TREE) & (cloud.instances == 0)
    truth, found = (_shapes(of, cloud.metres()[:, :2]) for of in (cloud.instances, ids))
    far = np.linalg.norm(truth[:, None, :2] - found[None, :, :2], axis=2)
    match = (far <= DISTANCE) | (_ious(truth[:, 2:], found[:, 2:]) >= IOU)
    rows, columns = linear_sum_assignment(np.where(match, -1 - 1 / (1 + far), 0.0))
    hits = columns[match[rows, columns]]
    numbers = np.unique(ids[ids > 0])
    missed = [k for row, k in enumerate(numbers) if row not in set(hits.tolist())]
    wrong = sum(loose[ids == k].mean() <= 0.5 for k in missed)
    return Detection(len(hits), int(wrong), len(truth) - len(hits))


def _shapes(ids: Ids, flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centre and box of every object in plan, (I, 6)."""
    rows = [flat[ids == k] for k in np.unique(ids[ids > 0])]
    made = [np.concatenate((one.mean(axis=0), one.min(axis=0), one.max(axis=0))) for one in rows]
    return np.array(made).reshape(-1, 6)


def _ious(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    lower = np.maximum(one[:, None, :2], other[None, :, :2])
    upper = np.minimum(one[:, None, 2:], other[None, :, 2:])
    both = np.clip(upper - lower, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (one, other)]
    return np.asarray(both / np.maximum(areas[0][:, None] + areas[1][None] - both, 1e-9))


def main() -> None:
    """Print a table of F1, precision and recall by site."""
    model = load_scan_model(Path(sys.argv[1]), "cpu")
    tta = "--tta" in sys.argv
    ways: dict[str, Callable[[PointCloud], Ids]] = {
        "votes for centres": lambda cloud: np.asarray(model(cloud, tta=tta).instances),
        **{f"local maxima, window {size} m": local_maxima(size) for size in (3.0, 4.0, 5.0)},
    }
    held = list(clips(VALIDATED if "--validated" in sys.argv else HELD_OUT))
    print("| | " + " | ".join(f"{site} F1 | P | R" for site in (*HELD_OUT, "both")) + " |")  # noqa: T201
    for name, find in ways.items():
        counts = [(site, count(cloud, find(cloud))) for site, cloud in held]
        row = []
        for site in (*HELD_OUT, ""):
            total = sum((one for where, one in counts if site in where), Detection())
            row += [f"{score:.2f}" for score in (total.f1, total.precision, total.recall)]
        print(f"| {name} | " + " | ".join(row) + " |")  # noqa: T201


if __name__ == "__main__":
    main()
