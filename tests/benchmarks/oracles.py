"""``python -m tests.benchmarks.oracles MODEL STREETS``: what loses objects, classes or grouping.

Classes and votes of a model that votes for centres are replaced by the true ones, one at a time.
Printed is the PQ of every thing, and the mean: first of all objects, then with unmatched ones of
fewer than 50 points left out, and no more of SemanticKITTI's rules.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from volseg.data.scans.samples import prepare, sample
from volseg.evaluate.objects import ObjectEvaluation, ObjectSide
from volseg.geometry.labels import LabelMap
from volseg.io.scans.files import read
from volseg.metrics.matching import Rules
from volseg.models.load import load_scan_model
from volseg.predict.objects.centre import cells_of, upright_classes
from volseg.predict.objects.points import number_points
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.point_votes import vote

RADIUS, NEAR, WEIGHT = 0.5, 1.0, 256
"""Metres between components, and from a point to the true object it votes for; weight of a vote."""

Ints = NDArray[np.int64]


def components(labels: LabelMap) -> LabelMap:
    """The same classes, their objects by components."""
    classes = tuple(
        replace(entry, grouping="components", radius=RADIUS, scale=None, axes=None)
        if entry.thing
        else entry
        for entry in labels.classes
    )
    return replace(labels, classes=classes)


def true_votes(metres: NDArray[np.float64], classes: Ints, truth: ObjectSide, of: LabelMap) -> Ints:
    """Points of these classes vote for the centre of the true object that is nearest, as cells."""
    centres = metres.copy()
    for k in of.things:
        rows, inside = np.flatnonzero(classes == k), (truth.classes == k) & (truth.ids > 0)
        if not (len(rows) and inside.any()):
            continue
        _, own = np.unique(truth.ids[inside], return_inverse=True)
        sums = np.stack([np.bincount(own, axis) for axis in metres[inside].T], axis=1)
        middle = (sums / np.bincount(own)[:, None])[own]
        far, nearest = cKDTree(metres[inside]).query(metres[rows])
        centres[rows] = np.where(far[:, None] < NEAR, middle[nearest], metres[rows])
    scales = [entry.scale or 1.0 for entry in of.classes]
    return cells_of(classes, centres, scales, upright_classes(of))[:, 1:]


def sides(model: ScanModel, file: Path) -> tuple[ObjectSide, Iterator[tuple[str, ObjectSide]]]:
    """The truth of a street, and its objects by each way."""
    cloud, labels = read(file), model.labels
    assert cloud.labels is not None
    assert cloud.instances is not None
    classes = labels.encode(cloud.labels)
    truth = ObjectSide(classes, np.where(np.isin(classes, labels.things), cloud.instances, 0))
    scan = prepare(cloud, model.features)
    metres, voxels = scan.metres, sample(scan, model.voxel_size, model.features)
    said = vote(model.net, voxels, labels, torch.device("cpu"))

    def every() -> Iterator[tuple[str, ObjectSide]]:
        for name, kinds in (("learnt", said.classes), ("true", classes)):
            ids = number_points(metres, kinds, components(labels))
            yield f"{name} classes, components", ObjectSide(kinds, ids)
            weights = np.where(np.isin(kinds, labels.things), WEIGHT, 0)
            cells = true_votes(metres, kinds, truth, labels)
            ids = number_points(metres, kinds, labels, cells, weights)
            yield f"{name} classes, true votes", ObjectSide(kinds, ids)
        ids = number_points(metres, said.classes, labels, said.cells, said.weights)
        yield "learnt classes, learnt votes", ObjectSide(said.classes, ids)
        own = np.where(said.classes == classes, truth.ids, 0)
        yield "learnt classes, true ids", ObjectSide(said.classes, own)

    return truth, every()


def main() -> None:
    """Print a table."""
    model = load_scan_model(Path(sys.argv[1]), "cpu")
    rules, found = (Rules(), Rules(min_cells=50)), dict[tuple[str, Rules], ObjectEvaluation]()
    for file in sorted(Path(sys.argv[2]).glob("*.laz")):
        truth, every = sides(model, file)
        for name, side in every:
            for rule in rules:
                made = ObjectEvaluation(model.labels, rules=rule)
                found.setdefault((name, rule), made).add(
                    file.stem, truth, side, lambda chosen: chosen
                )
    things = list(model.labels.things)
    print("| | " + " | ".join(model.labels.names[k] for k in things) + " | mean |")  # noqa: T201
    for name, rule in found:
        pq = found[name, rule].scores().pq[things]
        row = " | ".join(f"{value:.2f}" for value in (*pq, np.nanmean(pq)))
        print(f"| {name}{', 50 points' if rule.min_cells else ''} | {row} |")  # noqa: T201


if __name__ == "__main__":
    main()
