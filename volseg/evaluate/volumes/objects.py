"""Objects of predicted volumes and images against their truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.encode import encode_volume
from volseg.data.volumes.objects.truth import ObjectTruth, split_truth
from volseg.errors import InputError
from volseg.evaluate.objects import ObjectEvaluation, ObjectSide, unique_name
from volseg.evaluate.pairing import Failed, attempt, done
from volseg.evaluate.volumes.pairs import VolumePair, objects_file
from volseg.evaluate.volumes.scores import read_pair
from volseg.geometry.labels import LabelMap
from volseg.geometry.volume import Volume, times
from volseg.io.naming import naming
from volseg.io.volumes.coco import panoptic_json, read_segments
from volseg.metrics.matching import PLAIN, Rules
from volseg.progress import SILENT, Progress, counted

Ids = NDArray[np.integer[Any]]

_PLAIN = LabelMap.of({"background": [0], "object": [1]})
ONE_CLASS = replace(_PLAIN, classes=(_PLAIN.classes[0], replace(_PLAIN.classes[1], thing=True)))
"""The classes of label images of ids, where nobody names others."""


def compare_objects(
    pairs: Sequence[VolumePair],
    labels: LabelMap | None,
    *,
    truth: ObjectTruth | None = None,
    distance: float | None = None,
    rules: Rules = PLAIN,
    failed: Failed | None = None,
    progress: Progress = SILENT,
) -> ObjectEvaluation | None:
    """The objects of all pairs; None where none can be used, as ``failed`` was told.

    Files say which cells are one object as `split_truth` has it: by COCO's JSON beside their
    folder, by the file of ids that a dataset names, or one of the same name in a folder ``objects``
    beside; else every id is an object of the only thing, and of several things ``class * 1000 +
    number``.

    Args:
        pairs: the files.
        labels: the classes; every id an object of one class if not given.
        truth: how the files of the truth say it, where not so.
        distance: millimetres (pixels) between the centres of a pair at most; None compares none.
        rules: what counts.
        failed: told of files that cannot be used.
        progress: told how many cases are done.

    Raises:
        InputError: if no class is a thing; naming a file that cannot be used, where nobody is
            told.
    """
    found = ObjectEvaluation(labels or ONE_CLASS, distance, rules)
    taken: defaultdict[str, int] = defaultdict(int)

    def add(pair: VolumePair) -> None:
        case = read_objects(pair, found.labels, truth)
        places = partial(_places, case.place.grid, case.place.spacing)
        with naming(pair.truth):
            found.add(unique_name(pair.name, pair.truth, taken), case.truth, case.predicted, places)

    tried = (attempt(add, pair) for pair in pairs)
    for _ in done(counted(tried, "scoring", len(pairs), progress), failed):
        pass
    return found if found.panoptic.cases else None


@dataclass(frozen=True, eq=False)
class ObjectCase:
    """A predicted and a true volume, voxel by voxel.

    Attributes:
        predicted: classes and objects, (X, Y, Z) each.
        truth: likewise.
        place: the labels of the truth, in their place.
        placed: whether they lie in the world.
    """

    predicted: ObjectSide
    truth: ObjectSide
    place: Volume
    placed: bool


def read_objects(pair: VolumePair, labels: LabelMap, truth: ObjectTruth | None) -> ObjectCase:
    """Read a case as `compare_objects` says.

    Raises:
        InputError: naming the file that cannot be used.
    """
    guess, true, placed = read_pair(pair)
    predicted = _side(pair.predicted, guess.array[0], labels, None, _guess_ids(pair))
    actual = _side(pair.truth, true.array[0], labels, truth, _true_ids(pair))
    return ObjectCase(predicted, actual, true, placed)


def compare_volumes(
    predicted: Volume,
    truth: Volume,
    labels: LabelMap | None,
    *,
    distance: float | None = None,
    rules: Rules = PLAIN,
) -> ObjectEvaluation:
    """As `compare_objects`, of two volumes on one grid whose values say which object a voxel is of.

    Raises:
        InputError: if the grids differ, or a value is no id.
    """
    if predicted.grid != truth.grid:
        grids = f"{times(predicted.grid)} and {times(truth.grid)}"
        raise InputError(f"the volumes lie on other grids ({grids}); wanted the same")
    found = ObjectEvaluation(labels or ONE_CLASS, distance, rules)
    guess, true = (
        _side(None, volume.array[0], found.labels, None, None) for volume in (predicted, truth)
    )
    found.add("volume", true, guess, partial(_places, truth.grid, truth.spacing))
    return found


def _side(
    path: Path | None, raw: Ids, labels: LabelMap, kind: ObjectTruth | None, ids: Ids | None
) -> ObjectSide:
    """All cells of a file."""
    by_name: ObjectTruth = "ids" if len(labels.things) == 1 else "thousands"
    with nullcontext() if path is None else naming(path):
        chosen = kind or (by_name if ids is None else "file")
        classes, numbers = split_truth(raw, labels, chosen, ids)
        return ObjectSide(encode_volume(classes, labels), numbers)


def _guess_ids(pair: VolumePair) -> Ids | None:
    """The ids of a prediction that lie in another file, on the grid of `read_pair`."""
    if panoptic_json(pair.predicted) is not None:
        return read_segments(pair.predicted)[1]
    beside = objects_file(pair.predicted)
    return None if beside is None else read_pair(replace(pair, predicted=beside))[0].array[0]


def _true_ids(pair: VolumePair) -> Ids | None:
    """Likewise of a truth."""
    if panoptic_json(pair.truth) is not None:
        return read_segments(pair.truth)[1]
    beside = pair.objects or objects_file(pair.truth)
    return None if beside is None else read_pair(replace(pair, truth=beside))[1].array[0]


def _places(
    shape: tuple[int, ...], spacing: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> NDArray[np.float64]:
    return np.stack(np.unravel_index(np.flatnonzero(chosen), shape), axis=1) * spacing
