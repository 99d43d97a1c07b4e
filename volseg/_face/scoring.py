"""Predictions against the truth: scans by points, volumes by cases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, overload

import numpy as np

from volseg._face.labels import Labels, label_map
from volseg._face.objects import evaluate_objects
from volseg.data.volumes.encode import encode_volume
from volseg.errors import InputError
from volseg.evaluate.objects import ObjectEvaluation
from volseg.evaluate.pairs import pair_predictions
from volseg.evaluate.scans.objects import compare_clouds
from volseg.evaluate.scans.pairs import ScanPairs
from volseg.evaluate.scans.scores import compare
from volseg.evaluate.volumes.objects import compare_volumes
from volseg.evaluate.volumes.pairs import VolumePairs
from volseg.evaluate.volumes.scores import CaseScores, background, every_id, score_cases, score_ids
from volseg.evaluate.volumes.summary import Summary, average, pool, summarize
from volseg.geometry import LabelMap, PointCloud, Volume
from volseg.geometry.volume import MISPLACED, apart, times
from volseg.io.scans.labels import true_labels
from volseg.metrics.confusion import Absent, Confusion
from volseg.metrics.matching import Rules
from volseg.progress import SILENT, Progress


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How good predictions are.

    Attributes:
        names: of the classes, in the order of the confusion matrix.
        iou: of every class, by name; of volumes the mean over the cases that have it. NaN where
            nothing has the class.
        dice: likewise.
        mean_iou: over the classes that the truth has; of volumes without the background.
        mean_dice: likewise.
        confusion: of all points or voxels; None where classes are regions that overlap.
        cases: volumes: the scores of every case.
        summaries: volumes: of every class over all cases, with surfaces where they are measured.
        failed: what could not be compared, and why.
        alone: names of truths without a prediction.
        total: number of pairs, of which ``failed`` are some, and of files without a partner.
    """

    names: tuple[str, ...]
    iou: dict[str, float]
    dice: dict[str, float]
    mean_iou: float
    mean_dice: float
    confusion: Confusion | None
    cases: tuple[CaseScores, ...] = ()
    summaries: dict[str, Summary] | None = None
    failed: tuple[InputError, ...] = ()
    alone: tuple[str, ...] = ()
    total: int = 1


NOTHING = Evaluation((), {}, {}, math.nan, math.nan, None)
"""Where nothing could be compared."""


@overload
def evaluate(
    predicted: Path | str | PointCloud | Volume,
    truth: Path | str | PointCloud | Volume,
    *,
    objects: Literal[True],
    distance: float | None = None,
    labels: Labels | None = None,
    model: Path | str | None = None,
    label_field: str | None = None,
    columns: Sequence[str] | None = None,
    absent: Absent = "nan",
    progress: Progress = SILENT,
) -> ObjectEvaluation: ...


@overload
def evaluate(
    predicted: Path | str | PointCloud | Volume,
    truth: Path | str | PointCloud | Volume,
    *,
    labels: Labels | None = None,
    model: Path | str | None = None,
    tolerance: float | None = None,
    label_field: str | None = None,
    columns: Sequence[str] | None = None,
    absent: Absent = "nan",
    progress: Progress = SILENT,
) -> Evaluation: ...


def evaluate(
    predicted: Path | str | PointCloud | Volume,
    truth: Path | str | PointCloud | Volume,
    *,
    labels: Labels | None = None,
    model: Path | str | None = None,
    tolerance: float | None = None,
    label_field: str | None = None,
    columns: Sequence[str] | None = None,
    absent: Absent = "nan",
    objects: bool = False,
    distance: float | None = None,
    progress: Progress = SILENT,
) -> Evaluation | ObjectEvaluation:
    """Compare predictions with the truth: scans point by point, volumes case by case.

    Folders, and the folders in them, are matched by file name. A file that cannot be used costs
    its pair alone, and is named in ``failed``.

    Args:
        predicted: a scan, a label volume, or a folder of them; or a `PointCloud`, or a `Volume`.
        truth: the same of the truth; of volumes also a dataset.
        labels: the classes: a label map, a YAML file, or a preset's name. Without ``labels`` and
            ``model`` every id is a class, unless the truth is a dataset that names its classes.
        model: a run, a model file or a bundled model whose classes are to count.
        tolerance: volumes: millimetres; measures HD95, and surface Dice at this tolerance.
        label_field: scans: the field of the truth that holds the labels.
        columns: scans in text: what their columns are, in order.
        absent: scans: classes not in the truth are left out (``nan``) or scored 0 (``zero``).
        objects: compare the objects of things instead, by their ids.
        distance: objects: compare centres too, within metres in plan (volumes: millimetres).
        progress: told how many cases are done.

    Raises:
        InputError: if nothing can be compared; a class is in no label map; points or grids differ.

    Example:
        >>> vs.evaluate("tile.laz", "tile.laz", labels="boxes.yaml").iou["building"]
        1.0
        >>> found = vs.evaluate("labels", "balls/labelsTr")
        >>> found.mean_dice, found.confusion.matrix.shape
        (1.0, (2, 2))
    """
    classes = label_map(model, labels)
    rules = Rules(absent=absent)
    if not (isinstance(predicted, Path | str) and isinstance(truth, Path | str)):
        if isinstance(predicted, PointCloud) and isinstance(truth, PointCloud):
            if objects:
                return compare_clouds(predicted, truth, classes, distance=distance, rules=rules)
            return _of_clouds(predicted, truth, classes, absent)
        if isinstance(predicted, Volume) and isinstance(truth, Volume):
            if objects:
                return compare_volumes(predicted, truth, classes, distance=distance, rules=rules)
            return _of_volumes(predicted, truth, classes, tolerance)
        kinds = f"{type(predicted).__name__} and {type(truth).__name__}"
        raise InputError(f"cannot compare {kinds}; wanted two paths, clouds or volumes")
    pairs = pair_predictions(Path(predicted), Path(truth))
    if objects:
        return evaluate_objects(
            pairs, classes, distance=distance, rules=rules, label_field=label_field,
            columns=columns, progress=progress,
        )  # fmt: skip
    if isinstance(pairs, VolumePairs):
        found = evaluate_volumes(pairs, classes, tolerance, progress)[0]
    elif tolerance is not None:
        raise InputError("tolerance goes with volumes", path=Path(truth))
    else:
        found = evaluate_scans(
            pairs, classes, label_field=label_field, columns=columns, absent=absent,
            progress=progress,
        )  # fmt: skip
    if found.failed and not found.names:
        raise found.failed[0]
    return found


def evaluate_scans(
    found: ScanPairs,
    labels: LabelMap | None,
    *,
    label_field: str | None = None,
    columns: Sequence[str] | None = None,
    absent: Absent = "nan",
    progress: Progress = SILENT,
) -> Evaluation:
    """`evaluate` for scans; where nothing could be compared the evaluation has no class."""
    found.check_columns(columns)
    failed = [*found.failed]
    names, confusion = compare(
        found.pairs,
        labels,
        label_field=label_field,
        columns=columns,
        failed=failed.append,
        progress=progress,
    )
    total = len(found.pairs) + len(found.failed)
    made = NOTHING if len(failed) == total else _of_points(names, confusion, absent)
    return replace(made, failed=tuple(failed), alone=found.alone, total=total)


def evaluate_volumes(
    found: VolumePairs, labels: LabelMap | None, tolerance: float | None, progress: Progress
) -> tuple[Evaluation, LabelMap]:
    """`evaluate` for volumes, and the classes that count; without cases it has no class."""
    failed = [*found.failed]
    # Files that cannot be read are told of when they are scored.
    labels = labels or found.labels or every_id(found.pairs, lambda _: None)
    cases = list(score_cases(found.pairs, labels, tolerance, failed.append, progress))
    made = _of_cases(cases, labels) if cases else NOTHING
    total = len(found.pairs) + len(found.failed)
    return replace(made, failed=tuple(failed), alone=found.alone, total=total), labels


def _of_clouds(
    predicted: PointCloud, truth: PointCloud, labels: LabelMap | None, absent: Absent
) -> Evaluation:
    true, guess = true_labels(truth), true_labels(predicted)
    if true is None or guess is None:
        raise InputError("a cloud has no labels; wanted them in prediction and truth")
    if len(true) != len(guess):
        raise InputError(f"{len(guess):,} labels for {len(true):,} points; wanted one a point")
    kept = truth.placed
    labels = labels or LabelMap.of_ids(np.union1d(true[kept], guess[kept]).tolist())
    confusion = Confusion(len(labels))
    confusion.update(labels.encode(true[kept]), labels.encode(guess[kept]))
    return _of_points(labels.names, confusion, absent)


def _of_volumes(
    predicted: Volume, truth: Volume, labels: LabelMap | None, tolerance: float | None
) -> Evaluation:
    predicted = predicted.towards(truth)
    predicted, truth = predicted.canonical(), truth.towards(predicted).canonical()
    if not apart(truth, predicted) <= MISPLACED:
        grids = f"{times(predicted.grid)} and {times(truth.grid)}"
        raise InputError(
            f"the volumes lie on other grids ({grids}); resample the prediction to the truth's"
        )
    true, guess = truth.array[0], predicted.array[0]
    for ids in (true, guess):
        if ids.dtype.kind not in "iu":
            raise InputError(f"labels are {ids.dtype}; wanted integers: read(path, labels=True)")
    labels = labels or LabelMap.of_ids([0, *np.union1d(true, guess).tolist()])
    guess, true = encode_volume(guess, labels), encode_volume(true, labels)
    case = score_ids("volume", guess, true, truth.spacing.tolist(), labels, tolerance)
    return _of_cases([case], labels)


def _of_points(names: tuple[str, ...], confusion: Confusion, absent: Absent) -> Evaluation:
    scores = confusion.scores(absent)
    return Evaluation(
        names,
        dict(zip(names, scores.iou.tolist(), strict=True)),
        dict(zip(names, scores.dice.tolist(), strict=True)),
        scores.mean_iou,
        scores.mean_dice,
        confusion,
    )


def _of_cases(cases: Sequence[CaseScores], labels: LabelMap) -> Evaluation:
    summaries = summarize(cases)
    mean = average(summaries, background(labels))
    return Evaluation(
        labels.names,
        {name: summary.iou for name, summary in summaries.items()},
        {name: summary.dice for name, summary in summaries.items()},
        mean.iou,
        mean.dice,
        pool(cases)[0],
        tuple(cases),
        summaries,
    )
