"""Objects of predicted scans against their truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
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
from volseg.io.scans.labels import true_labels
from volseg.metrics.matching import PLAIN, Rules
from volseg.progress import SILENT, Progress, counted


@dataclass(frozen=True, eq=False)
class ObjectPair:
    """A predicted and a true scan, point by point.

    Attributes:
        labels: raw ids of classes of each, int64 (N,).
        ids: of objects of each, int64 (N,).
        cloud: the points, or None where both are labels alone.
        files: the two files, the prediction first; None where they are in memory.
    """

    labels: tuple[NDArray[np.int64], NDArray[np.int64]]
    ids: tuple[NDArray[np.int64], NDArray[np.int64]]
    cloud: PointCloud | None
    files: ScanPair | None = None

    def classes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Raw ids of the classes that occur, and of those that the truth has objects of."""
        return np.unique(np.concatenate(self.labels)), np.unique(self.labels[1][self.ids[1] > 0])

    def add_to(self, found: ObjectEvaluation, name: str) -> None:
        """Compare the objects, as a case of that name.

        Raises:
            InputError: naming the file with an id that is in no label map.
        """
        encoded = [
            found.labels.encode(raw) if self.files is None else encode(found.labels, raw, file)
            for raw, file in zip(self.labels, self.files or (Path(), Path()), strict=True)
        ]
        guess, truth = map(ObjectSide, encoded, self.ids)
        found.add(name, truth, guess, partial(_in_plan, self.cloud))


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

    Without a label map every raw id is a class, and those with objects in truth are things; files
    are read twice then, since not all of them may fit into memory.

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

    def loaded(work: str) -> Iterator[ObjectPair]:
        tried = (attempt(read, pair) for pair in pairs)
        return done(counted(tried, work, len(pairs), progress), failed)

    if labels is None:
        usable = [(pair.files, *pair.classes()) for pair in loaded("reading")]
        pairs = [files for files, _, _ in usable if files is not None]
        if not pairs:
            return None
        labels = _every_id(usable)
    found = ObjectEvaluation(labels, distance, rules)
    taken: defaultdict[str, int] = defaultdict(int)

    def add(pair: ObjectPair) -> None:
        assert pair.files is not None
        file = pair.files[1]
        with naming(file):
            pair.add_to(found, unique_name(scan_stem(file), file, taken))

    for _ in done((attempt(add, pair) for pair in loaded("scoring")), failed):
        pass
    return found if found.panoptic.cases else None


def compare_clouds(
    predicted: PointCloud,
    truth: PointCloud,
    labels: LabelMap | None,
    *,
    distance: float | None = None,
    rules: Rules = PLAIN,
) -> ObjectEvaluation:
    """As `compare_objects`, of two clouds.

    Raises:
        InputError: if one has no labels or no instances, or they have other numbers of points.
    """
    if len(predicted) != len(truth):
        raise InputError(f"{len(predicted):,} points for {len(truth):,}; wanted the same points")
    guess, true = predicted.only(truth.placed), truth.only_placed()
    raw, ids = (
        (true_labels(guess), true_labels(true)),
        (true_instances(guess), true_instances(true)),
    )
    if raw[0] is None or raw[1] is None or ids[0] is None or ids[1] is None:
        raise InputError("a cloud has no labels or no instances; wanted both in both")
    pair = ObjectPair((raw[0], raw[1]), (ids[0], ids[1]), true)
    found = ObjectEvaluation(labels or _every_id([(None, *pair.classes())]), distance, rules)
    pair.add_to(found, "cloud")
    return found


def _read(pair: ScanPair, *, label_field: str | None, columns: Sequence[str] | None) -> ObjectPair:
    both = read_pair(*pair, label_field, columns)
    ids = [ids_of(file, side) for file, side in zip(pair, both, strict=True)]
    cloud = next((side.cloud for side in reversed(both) if side.cloud is not None), None)
    return ObjectPair((both[0].labels, both[1].labels), (ids[0], ids[1]), cloud, pair)


def ids_of(path: Path, side: Labelled) -> NDArray[np.int64]:
    """The ids of a file's objects, int64 (N,).

    Raises:
        InputError: if it has none, or not one a point.
    """
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


def _every_id(
    pairs: Sequence[tuple[ScanPair | None, NDArray[np.int64], NDArray[np.int64]]],
) -> LabelMap:
    """A label map of the `ObjectPair.classes` of all pairs, those with objects as things."""
    ids = np.unique(np.concatenate([classes for _, classes, _ in pairs]))
    things = {int(raw) for _, _, with_objects in pairs for raw in with_objects}
    if not things:
        files = pairs[0][0]
        raise InputError("no point of the truth has an object", path=files and files[1])
    plain = LabelMap.of_ids(ids.tolist())
    classes = (replace(entry, thing=entry.ids[0] in things) for entry in plain.classes)
    return replace(plain, classes=tuple(classes))
