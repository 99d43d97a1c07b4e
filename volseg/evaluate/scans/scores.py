"""Predicted scans against their truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.evaluate.pairing import Failed, attempt, done
from volseg.evaluate.scans.pairs import ScanPair
from volseg.geometry.labels import IGNORE, UNKNOWN, LabelMap
from volseg.geometry.points import PointCloud
from volseg.io import read, read_labels
from volseg.io.naming import naming
from volseg.io.scans.formats import LABELS_ALONE, is_text
from volseg.io.scans.labels import true_labels
from volseg.metrics.confusion import Confusion
from volseg.metrics.overlaps import Overlaps
from volseg.progress import SILENT, Progress, counted


@dataclass(frozen=True, eq=False)
class Labelled:
    """Labels of a scan, raw ids, int64 (N,), and the scan; None where labels lie alone."""

    labels: NDArray[np.int64]
    cloud: PointCloud | None

    def take(self, index: NDArray[np.bool_]) -> Labelled:
        """The points an index, bool (N,), selects."""
        return Labelled(self.labels[index], None if self.cloud is None else self.cloud.take(index))


def compare(
    pairs: Sequence[ScanPair],
    labels: LabelMap | None,
    *,
    label_field: str | None = None,
    columns: Sequence[str] | None = None,
    failed: Failed | None = None,
    progress: Progress = SILENT,
) -> tuple[tuple[str, ...], Confusion]:
    """Class names and the confusion over all points of all pairs, one pair in memory at a time.

    Without a label map every raw id of truth or prediction is a class of its own. ``columns``
    names those of text, as `volseg.io.read` does. ``failed`` is told of files that cannot be used.
    ``progress`` is told how many pairs are scored.

    Raises:
        InputError: naming the file whose labels are missing, too few, or outside the map, where
            nobody is told; or if no point is left.
    """

    def labels_of(pair: ScanPair) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        predicted, true = read_pair(*pair, label_field, columns)
        if labels is None:
            return true.labels, predicted.labels
        return encode(labels, true.labels, pair[1]), encode(labels, predicted.labels, pair[0])

    attempts = (attempt(labels_of, pair) for pair in pairs)
    both = done(counted(attempts, "scoring", len(pairs), progress), failed)
    if labels is None:
        return _by_id(both, pairs)
    confusion = Confusion(len(labels))
    for truth, predicted in both:
        confusion.update(truth, predicted)
    return labels.names, confusion


def _by_id(
    both: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]], pairs: Sequence[ScanPair]
) -> tuple[tuple[str, ...], Confusion]:
    """Every id as a class; which there are is known at the end, so they are counted sparsely."""
    overlaps, usable = Overlaps(), False
    for truth, predicted in both:
        usable = True
        overlaps.update(truth, predicted)
    if not usable:  # as `failed` was told
        return (), Confusion(1)
    ids = np.union1d(overlaps.truth, overlaps.predicted)
    ids = ids[ids != UNKNOWN]
    if len(ids) == 0:
        raise InputError("no point to compare: the scans are empty", path=pairs[0][1])
    confusion = Confusion(len(ids))
    counted = overlaps.truth != UNKNOWN
    rows, columns = (_places(ids, keys[counted]) for keys in (overlaps.truth, overlaps.predicted))
    confusion.counts[rows, columns] = overlaps.counts[counted]
    return tuple(map(str, ids.tolist())), confusion


def _places(ids: NDArray[np.int64], raw: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which of the ids each raw one is, `IGNORE` where it is unknown."""
    return np.where(raw == UNKNOWN, IGNORE, np.searchsorted(ids, raw))


def read_pair(
    guess: Path, truth: Path, label_field: str | None, columns: Sequence[str] | None = None
) -> tuple[Labelled, Labelled]:
    """A predicted and a true scan, point by point; points without a place are left out.

    Raises:
        InputError: naming the file whose labels are missing or too few.
    """
    predicted, true = _read(guess, None, columns), _read(truth, label_field, columns)
    if len(predicted.labels) != len(true.labels):
        raise InputError(
            f"holds {len(predicted.labels):,} labels, but {truth} has {len(true.labels):,} points; "
            "wanted a label for every point of the truth",
            path=guess,
        )
    clouds = [one.cloud for one in (true, predicted) if one.cloud is not None]
    placed = next((cloud.placed for cloud in clouds), None)
    if placed is None or placed.all():
        return predicted, true
    return predicted.take(placed), true.take(placed)


def encode(labels: LabelMap, raw: NDArray[np.int64], path: Path) -> NDArray[np.int64]:
    """Training ids of raw ids of a file.

    Raises:
        InputError: naming the file, if an id is not in the map.
    """
    try:
        return labels.encode(raw)
    except InputError as error:
        raise error.at(path) from None


def _read(path: Path, label_field: str | None, columns: Sequence[str] | None) -> Labelled:
    if path.suffix.lower() in LABELS_ALONE:
        cloud, (labels, _) = None, read_labels(path, label_field)
    else:
        named = columns if is_text(path) else None
        cloud = read(path, label_field=label_field, columns=named)
        with naming(path):
            labels = true_labels(cloud)
    if labels is None:
        raise InputError("the scan has no labels; name their field with --label-field", path=path)
    return Labelled(labels, cloud)
