"""``python -m tests.benchmarks.tabletop FOLDER``: objects on a table, by components and by votes.

Every other scan trains, thinned to a tenth of its points, and the others are held out. Thinned
scans and the run go to the folder. No object is smaller than the smallest to train on.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.scenes import data
from volseg.config import ScanConfig
from volseg.evaluate.objects import ObjectEvaluation, ObjectSide
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.points import PointCloud
from volseg.io.scans.files import read, write
from volseg.models.load import load_scan_model
from volseg.predict.objects.points import number_points
from volseg.predict.scans.model import ScanModel
from volseg.runs.train import train

THINNED, RADIUS = 10, 0.01
"""Points of a scan to one that trains; metres between components, the best of ten radii."""

CONFIG = {
    "labels": {
        "classes": {
            "table": {"ids": [64]},
            "object": {"ids": [65], "grouping": "centre", "scale": 0.05},
        }
    },
    "data": {"validation": 0.0},
    "voxels": {"size": 0.02, "features": ["log_count", "offset"]},
    "train": {
        "crop": 2.0,
        "batch": 4,
        "steps": 100,
        "epochs": 8,
        "weight_decay": 0.05,
        "loss": {"kind": "lovasz_ce", "votes": 2.0},
        "augment": {"scale": 0.2, "jitter": 0.002, "drop": 0.7},
    },
}

Ids = NDArray[np.int64]


def label_map(least: int = 10) -> LabelMap:
    """Table and objects, by components of so many points at least."""
    thing = LabelClass("object", (65,), "#D55E00", thing=True, radius=RADIUS, min_points=least)
    return LabelMap((LabelClass("table", (64,), "#999999"), thing))


def components(cloud: PointCloud, classes: Ids, least: int = 10) -> ObjectSide:
    """Objects of points of these classes by components."""
    return ObjectSide(classes, number_points(cloud.metres(), classes, label_map(least)))


def truth(cloud: PointCloud) -> ObjectSide:
    """The true objects."""
    assert cloud.labels is not None
    assert cloud.instances is not None
    classes = cloud.labels - 64
    return ObjectSide(classes, np.where(classes == 1, cloud.instances, 0))


def learn(folder: Path, files: list[Path]) -> tuple[ScanModel, int]:
    """A model of these scans, and the number of points of their smallest object."""
    scans, least = folder / "scans", sys.maxsize
    scans.mkdir(parents=True, exist_ok=True)
    for file in files:
        cloud = read(file)
        least = min(least, int(np.bincount(truth(cloud).ids)[1:].min()))
        kept = np.random.default_rng(0).permutation(len(cloud))[::THINNED]
        write(scans / file.name, cloud.take(np.sort(kept)), overwrite=True)
    run = folder / "run"
    if not run.exists():
        train(ScanConfig.model_validate(CONFIG), scans, run, device="cpu")
    return load_scan_model(run / "last.safetensors", "cpu"), least


def main() -> None:
    """Print a table of F1, precision, recall and PQ."""
    files = sorted(data("instance3d_points", "mosd_tabletop").glob("*.laz"))
    found: defaultdict[str, ObjectEvaluation] = defaultdict(lambda: ObjectEvaluation(label_map()))
    model, least = learn(Path(sys.argv[1]), files[1::2])
    table, thing = model.labels.classes
    labels = replace(model.labels, classes=(table, replace(thing, min_points=least)))
    model = replace(model, labels=labels)
    for file in files[::2]:
        cloud = read(file)
        true, predicted = truth(cloud), model(cloud, objects=True)
        assert predicted.labels is not None
        assert predicted.instances is not None
        classes = predicted.labels - 64
        sides = {
            "components of true classes": components(cloud, true.classes),
            "the same, none too small": components(cloud, true.classes, least),
            "components of learnt classes": components(cloud, classes, least),
            "votes": ObjectSide(classes, predicted.instances),
        }
        for name, side in sides.items():
            found[name].add(file.stem, true, side, cloud.metres().__getitem__)
    for name, evaluation in found.items():
        scores = evaluation.scores()
        row = (getattr(scores, key)[1] for key in ("rq", "precision", "recall", "pq"))
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in row) + " |")  # noqa: T201


if __name__ == "__main__":
    main()
