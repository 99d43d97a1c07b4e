"""Objects of predicted scans against their truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.evaluate.objects import ObjectEvaluation, ObjectSide, unique_name
from volseg.evaluate.pairing import Failed, attempt, done
from volseg.evaluate.scans.pairs import ScanPair
from volseg.evaluate.scans.scores import Labelled, encode, read_pair
from volseg.geometry.labels import LabelMap
from volseg.geometry.points import PointCloud
from volseg.io import scan_stem
from volseg.io.naming import naming
from volseg.io.scans.instances import true_instances
from volseg.metrics.matching import PLAIN, Rules
from volseg.progress import SILENT, Progress, counted


@dataclass(frozen=True, eq=False)
class ObjectPair:
    """A predicted and a true scan, point by point.

    Attributes:
        files: the two files, the prediction first.
        labels: raw ids of classes of each, int64 (N,).
        ids: of objects of each, int64 (N,).
        cloud: the points, or None where both are labels alone.
    """

    files: ScanPair
    labels: tuple[NDArray[np.int64], NDArray[np.int64]]
    ids: tuple[NDArray[np.int64], NDArray[np.int64]]
    cloud: PointCloud | None


def compare_objects(
    pairs: Sequence[ScanPair],
    labels: LabelMap | None,
    *,
    distance: float | None = None,
    rules: Rules = PLAIN,
    label_field: str | None = None,
    columns: Sequence[str] | None = None,
    failed: Failed | None = None,
    progress: Progress = SILENT,
) -> ObjectEvaluation | None:
    """The objects of all pairs; None where none can be used, as ``failed`` was told.

    Without a label map every raw id is a class, and those with objects in truth are things.

    Args:
        pairs: the files, predictions first.
        labels: the classes.
        distance: metres in plan between the centres of a pair at most; None compares none.
        rules: what counts.
        label_field: as in `volseg.io.read`, of the truth.
        columns: as in `volseg.io.read`.
        failed: told of files that cannot be used.
        progress: told how many pairs are read.

    Raises:
        InputError: if no class is a thing; naming a file without ids of objects, or that cannot
            be used, where nobody is told.
    """
    read = partial(_read, label_field=label_field, columns=columns)
    tried = (attempt(read, pair) for pair in pairs)
    loaded = done(counted(tried, "scoring", len(pairs), progress), failed)
    if labels is None:
        loaded = iter(every := list(loaded))
        if not every:
            return None
        labels = _every_id(every)
    found = ObjectEvaluation(labels, distance, rules)
    taken: defaultdict[str, int] = defaultdict(int)

    def add(pair: ObjectPair) -> None:
        guess, truth = (
            ObjectSide(encode(found.labels, raw, file), ids)
            for raw, ids, file in zip(pair.labels, pair.ids, pair.files, strict=True)
        )
        file = pair.files[1]
        name = unique_name(scan_stem(file), file, taken)
        with naming(file):
            found.add(name, truth, guess, partial(_in_plan, pair.cloud))

    for _ in done((attempt(add, pair) for pair in loaded), failed):
        pass
    return found if found.panoptic.cases else None


def _read(pair: ScanPair, *, label_field: str | None, columns: Sequence[str] | None) -> ObjectPair:
    both = read_pair(*pair, label_field, columns)
    ids = [_ids(file, side) for file, side in zip(pair, both, strict=True)]
    cloud = next((side.cloud for side in reversed(both) if side.cloud is not None), None)
    return ObjectPair(pair, (both[0].labels, both[1].labels), (ids[0], ids[1]), cloud)


def _ids(path: Path, side: Labelled) -> NDArray[np.int64]:
    ids = None
    with naming(path):
        if side.cloud is not None:
            ids = true_instances(side.cloud)
        elif path.suffix.lower() == ".label":
            from volseg.io.scans.kitti import read_label_file

            ids = read_label_file(path)[1]
    if ids is None or len(ids) != len(side.labels):
        raise InputError(
            "has no ids of objects; wanted one a point in a field 'instance', as "
            "'volseg predict --objects' writes",
            path=path,
        )
    return ids


def _in_plan(cloud: PointCloud | None, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    if cloud is None:
        raise InputError("has labels alone; to compare centres name the scan with its points")
    return cloud.take(chosen).metres()[:, :2]


def _every_id(pairs: Sequence[ObjectPair]) -> LabelMap:
    """A label map in which every id is a class, and a thing where the truth has objects of it."""
    ids = np.unique(np.concatenate([raw for pair in pairs for raw in pair.labels]))
    things = {int(raw) for pair in pairs for raw in np.unique(pair.labels[1][pair.ids[1] > 0])}
    if not things:
        raise InputError("no point of the truth has an object", path=pairs[0].files[1])
    plain = LabelMap.of_ids(ids.tolist())
    classes = (replace(entry, thing=entry.ids[0] in things) for entry in plain.classes)
    return replace(plain, classes=tuple(classes))
