"""Predicted scans against their truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.labels import LabelMap
from volseg.geometry.points import PointCloud
from volseg.io import is_scan, output_name, read, read_labels, scan_stem
from volseg.io.formats import LABELS_ALONE, scan_file
from volseg.train.metrics import Confusion

Pair = tuple[Path, Path]


@dataclass(frozen=True, eq=False)
class Labelled:
    """Labels of a scan, raw ids, int64 (N,), and the scan; None where labels lie alone."""

    labels: NDArray[np.int64]
    cloud: PointCloud | None


def match(predicted: Path, truth: Path) -> tuple[list[Pair], list[Path]]:
    """Pairs of predicted and true scans, and the true scans nobody predicted.

    Two files are a pair whatever their names; folders are matched by file name, then by name
    without suffixes (``000000.label`` and ``000000.bin``).

    Raises:
        InputError: if a path does not exist, a prediction has no truth or more than one, or a
            truth more than one prediction.
    """
    for path in (predicted, truth):
        if not path.exists():
            raise InputError("no such file or folder", path=path)
    if truth.is_file():
        if predicted.is_dir():
            return [(_finder(_scans(predicted))(truth), truth)], []
        return [(predicted, truth)], []
    truths = _scans(truth)
    guesses = _scans(predicted) if predicted.is_dir() else [predicted]
    find = _finder(truths)
    pairs = [(guess, find(guess)) for guess in guesses]
    used = Counter(one for _, one in pairs)
    for one, times in used.items():
        if times > 1:
            raise InputError(f"{times} predictions in {predicted}; wanted one", path=one)
    return pairs, [one for one in truths if one not in used]


def compare(
    pairs: Sequence[Pair], labels: LabelMap | None, *, label_field: str | None = None
) -> tuple[tuple[str, ...], Confusion]:
    """Class names and the confusion over all points of all pairs.

    Without a label map every raw id of truth or prediction is a class of its own.

    Raises:
        InputError: naming the file whose labels are missing, too few, or outside the map.
    """
    if labels is not None:
        confusion = Confusion(len(labels))
        for guess, truth in pairs:
            predicted, true = read_pair(guess, truth, label_field)
            confusion.update(
                encode(labels, true.labels, truth), encode(labels, predicted.labels, guess)
            )
        return labels.names, confusion
    loaded = [_labels_of(guess, truth, label_field) for guess, truth in pairs]
    ids = np.unique(np.concatenate([np.unique(values) for pair in loaded for values in pair]))
    if len(ids) == 0:
        raise InputError("no point to compare: the scans are empty", path=pairs[0][1])
    confusion = Confusion(len(ids))
    for predicted_ids, true_ids in loaded:
        confusion.update(np.searchsorted(ids, true_ids), np.searchsorted(ids, predicted_ids))
    return tuple(str(one) for one in ids), confusion


def read_pair(guess: Path, truth: Path, label_field: str | None) -> tuple[Labelled, Labelled]:
    """A predicted and a true scan, point by point.

    Raises:
        InputError: naming the file whose labels are missing or too few.
    """
    predicted, true = _read(guess, None), _read(truth, label_field)
    if len(predicted.labels) != len(true.labels):
        raise InputError(
            f"holds {len(predicted.labels):,} labels, but {truth} has {len(true.labels):,} points; "
            "wanted a label for every point of the truth",
            path=guess,
        )
    return predicted, true


def encode(labels: LabelMap, raw: NDArray[np.int64], path: Path) -> NDArray[np.int64]:
    """Training ids of raw ids of a file.

    Raises:
        InputError: naming the file, if an id is not in the map.
    """
    try:
        return labels.encode(raw)
    except InputError as error:
        raise error.at(path) from None


def _labels_of(
    guess: Path, truth: Path, label_field: str | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    predicted, true = read_pair(guess, truth, label_field)
    return predicted.labels, true.labels


def _read(path: Path, label_field: str | None) -> Labelled:
    if path.suffix.lower() in LABELS_ALONE:
        cloud, (labels, _) = None, read_labels(path, label_field)
    else:
        cloud = read(path, label_field=label_field)
        labels = cloud.labels
    if labels is None:
        raise InputError("the scan has no labels; name their field with --label-field", path=path)
    return Labelled(labels, cloud)


def _scans(folder: Path) -> list[Path]:
    found = sorted(one for one in folder.iterdir() if is_scan(one) and scan_file(one).is_file())
    labels = sorted(one for one in folder.iterdir() if one.suffix.lower() in LABELS_ALONE)
    stems = {scan_stem(one) for one in found}
    found += [one for one in labels if scan_stem(one) not in stems]
    if not found:
        raise InputError("this folder holds no scan", path=folder)
    return found


def _finder(candidates: Sequence[Path]) -> Callable[[Path], Path]:
    """A look-up of the one scan that belongs to another, by file name, then by stem."""
    tables: list[dict[str, list[Path]]] = []
    for key in (output_name, _name, scan_stem):
        tables.append({})
        for other in candidates:
            tables[-1].setdefault(key(other), []).append(other)

    def find(one: Path) -> Path:
        names = (one.name, one.name, scan_stem(one))
        lists = (table.get(name, []) for table, name in zip(tables, names, strict=True))
        same = next(filter(None, lists), [])
        if len(same) != 1:
            found = f"{len(same)} scans" if same else "no scan"
            raise InputError(
                f"{found} of this name in {candidates[0].parent}; wanted one", path=one
            )
        return same[0]

    return find


def _name(path: Path) -> str:
    return path.name
