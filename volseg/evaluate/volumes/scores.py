"""Predicted label volumes against the truth: every case and class, and all together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.datasets.classes import MOST_IDS, named
from volseg.data.volumes.encode import encode_volume
from volseg.errors import InputError
from volseg.evaluate.pairing import Failed, attempt, done
from volseg.evaluate.volumes.pairs import VolumePair
from volseg.geometry.labels import IGNORE, LabelMap
from volseg.geometry.volume import MISPLACED, Volume, apart, times
from volseg.io.naming import naming
from volseg.io.volumes.files import read_label_volume
from volseg.io.volumes.formats import find_volume_format
from volseg.metrics.confusion import Confusion
from volseg.metrics.surface import surface_distances
from volseg.progress import SILENT, Progress, counted

Ids = NDArray[np.integer[Any]]

# Pairs of volumes in memory at a time, at most.
THREADS = 4


@dataclass(frozen=True, eq=False)
class ClassScore:
    """One class, or one region, of one case.

    Attributes:
        confusion: its voxels (class 1) against all others (class 0).
        voxel: volume of a voxel in the case's unit.
        hd95: 95th percentile of the Hausdorff distance, millimetres (pixels); infinite where
            the class is in one of truth and prediction only, NaN where it is in neither, or
            was not measured.
        surface_dice: surface Dice; 0 and NaN likewise.
    """

    confusion: Confusion
    voxel: float
    hd95: float
    surface_dice: float

    @property
    def dice(self) -> float:
        """Dice: 0 where the class is in one of truth and prediction only, NaN if in neither."""
        return float(self.confusion.scores().dice[1])

    @property
    def iou(self) -> float:
        """Intersection over union; 0 and NaN as `dice`."""
        return float(self.confusion.scores().iou[1])

    @property
    def predicted_volume(self) -> float:
        """Predicted volume where the truth is known, in the case's unit."""
        return self.voxel * int(self.confusion.counts[:, 1].sum())

    @property
    def true_volume(self) -> float:
        """True volume in the case's unit."""
        return self.voxel * int(self.confusion.counts[1].sum())


@dataclass(frozen=True, eq=False)
class CaseScores:
    """One case.

    Attributes:
        name: the case.
        unit: of volumes: ``ml``, or ``pixels`` for an image without a place in the world.
        classes: by name.
        confusion: of all classes; None where they are regions that overlap.
    """

    name: str
    unit: str
    classes: dict[str, ClassScore]
    confusion: Confusion | None = None


def background(labels: LabelMap) -> str | None:
    """The class that means and surfaces leave out: the first, unless classes are regions."""
    return labels.names[0] if labels.first else None


def every_id(pairs: Sequence[VolumePair], failed: Failed | None = None) -> LabelMap:
    """A label map in which every id of truths and predictions is a class; 0 is background.

    ``failed`` is told of files that cannot be read, and that scoring will tell of.

    Raises:
        InputError: naming the file that cannot be read.
    """
    ids = {0}
    files = [path for pair in pairs for path in (pair.predicted, pair.truth)]
    with _threads() as pool:
        for path, found in done(pool.map(partial(attempt, _ids), files), failed):
            ids |= found
            if len(ids) > MOST_IDS:
                raise InputError(
                    f"more than {MOST_IDS} ids up to this file; wanted labels, not an image",
                    path=path,
                )
    return LabelMap.of(named(ids))


def score_cases(
    pairs: Sequence[VolumePair],
    labels: LabelMap,
    tolerance: float | None = None,
    failed: Failed | None = None,
    progress: Progress = SILENT,
) -> Iterator[CaseScores]:
    """Score cases in threads, a few at a time; they come in the order of the pairs.

    Args:
        pairs: the files.
        labels: the classes. Voxels of ignored truth count nowhere, in surfaces neither.
        tolerance: millimetres (pixels) of the surface Dice; None measures no surfaces.
        failed: told of files that cannot be used, whose cases are left out.
        progress: told how many cases are scored.

    Raises:
        InputError: naming the file that cannot be read, holds an id outside the label map, or
            lies elsewhere than its truth, where nobody is told.
    """

    def score(pair: VolumePair) -> CaseScores:
        return score_case(pair, labels, tolerance)

    with _threads() as pool:
        scored = pool.map(partial(attempt, score), pairs)
        yield from done(counted(scored, "scoring", len(pairs), progress), failed)


def score_case(pair: VolumePair, labels: LabelMap, tolerance: float | None = None) -> CaseScores:
    """Score one case; see `score_cases`."""
    predicted, truth, placed = read_pair(pair)
    with naming(pair.truth):
        true = encode_volume(truth.array[0], labels)
    with naming(pair.predicted):
        guess = encode_volume(predicted.array[0], labels)
    return score_ids(pair.name, guess, true, truth.spacing.tolist(), labels, tolerance, placed)


def score_ids(
    name: str,
    guess: Ids,
    true: Ids,
    spacing: Sequence[float],
    labels: LabelMap,
    tolerance: float | None,
    placed: bool = True,
) -> CaseScores:
    """Score one case, of training ids or flags as `encode_volume` gives; ``guess`` is written to.

    Args:
        name: of the case.
        guess: predicted, (X, Y, Z), with ``overlap`` (K, X, Y, Z).
        true: true, of the same shape.
        spacing: millimetres (pixels) along each axis.
        labels: the classes.
        tolerance: as in `score_cases`.
        placed: whether the truth has a place in the world.
    """
    guess[true == IGNORE] = IGNORE
    voxel = float(np.prod(spacing)) / 1000 if placed else 1.0
    classes = {}
    boxes = None if labels.overlap or tolerance is None else _boxes(len(labels), true, guess)
    whole = _whole(labels, true, guess)
    for k, confusion in enumerate(class_confusions(labels, true, guess, whole)):
        entry, hd95, dice = labels.names[k], np.nan, np.nan
        if tolerance is not None and entry != background(labels):
            masks = [ids[k] > 0 if boxes is None else ids[boxes[k]] == k for ids in (guess, true)]
            distances = surface_distances(masks[0], masks[1], spacing)
            hd95, dice = distances.hausdorff95(), distances.dice(tolerance)
        classes[entry] = ClassScore(confusion, voxel, hd95, dice)
    return CaseScores(name, "ml" if placed else "pixels", classes, whole)


def class_confusions(
    labels: LabelMap, truth: Ids, predicted: Ids, whole: Confusion | None = None
) -> list[Confusion]:
    """Every class (1) against all others (0), of training ids, or of flags of regions.

    Args:
        labels: the label map that encoded both.
        truth: integers of any shape; with ``overlap`` (K, ...).
        predicted: of the same shape.
        whole: that of all classes, where it is counted already.
    """
    whole = whole or _whole(labels, truth, predicted)
    if whole is not None:
        return [whole.against_others(k) for k in range(len(labels))]
    regions = [Confusion(2) for _ in labels.classes]
    for confusion, true, guess in zip(regions, truth, predicted, strict=True):
        confusion.update(true, guess)
    return regions


def _whole(labels: LabelMap, truth: Ids, predicted: Ids) -> Confusion | None:
    """The confusion of all classes; None of regions that overlap."""
    if labels.overlap:
        return None
    whole = Confusion(len(labels))
    whole.update(truth, predicted)
    return whole


def _boxes(classes: int, *volumes: Ids) -> list[tuple[slice, ...]]:
    """For every class the least box that holds it in all volumes: classes are often small."""
    from scipy.ndimage import find_objects

    found = zip(*(find_objects(ids + 1, classes) for ids in volumes), strict=True)
    boxes = []
    for several in found:
        sides = zip(*(box for box in several if box is not None), strict=True)
        boxes.append(
            tuple(slice(min(s.start for s in side), max(s.stop for s in side)) for side in sides)
            or (slice(0, 1),) * 3
        )
    return boxes


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1))


def _ids(path: Path) -> tuple[Path, set[int]]:
    return path, set(np.unique(read_label_volume(path, colours=True).array).tolist())


def read_pair(pair: VolumePair) -> tuple[Volume, Volume, bool]:
    """Prediction and truth voxel on voxel, and whether the truth has a place in the world.

    Raises:
        InputError: if a file cannot be read, or the two lie elsewhere.
    """
    predicted = read_label_volume(pair.predicted, colours=True)
    truth = read_label_volume(pair.truth, colours=True)
    placed = [find_volume_format(path).placed for path in (pair.predicted, pair.truth)]
    if all(placed):
        predicted = predicted.towards(truth)
        predicted, truth = predicted.canonical(), truth.towards(predicted).canonical()
    if predicted.grid != truth.grid:
        raise InputError(
            f"has grid {times(predicted.grid)}, but {pair.truth} has {times(truth.grid)}; "
            "resample the prediction to the truth's grid",
            path=pair.predicted,
        )
    off = apart(truth, predicted)
    if all(placed) and off > MISPLACED:
        raise InputError(
            f"lies up to {off:.3g} voxels off {pair.truth}; wanted the same affine: resample the "
            "prediction to the truth's grid",
            path=pair.predicted,
        )
    return predicted, truth, placed[1]
