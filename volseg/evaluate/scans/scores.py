"""Predicted scans against their truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.evaluate.pairing import Failed, Names, attempt, done, pair_files, partner_of
from volseg.geometry.labels import IGNORE, UNKNOWN, LabelMap
from volseg.geometry.points import PointCloud
from volseg.io import is_scan, output_name, read, read_labels, scan_stem
from volseg.io.folders import files_within
from volseg.io.naming import naming
from volseg.io.scans.formats import LABELS_ALONE, is_text, scan_file
from volseg.io.scans.labels import true_labels
from volseg.metrics.confusion import Confusion

Pair = tuple[Path, Path]


@dataclass(frozen=True, eq=False)
class Labelled:
    """Labels of a scan, raw ids, int64 (N,), and the scan; None where labels lie alone."""

    labels: NDArray[np.int64]
    cloud: PointCloud | None

    def take(self, index: NDArray[np.bool_]) -> Labelled:
        """The points an index, bool (N,), selects."""
        return Labelled(self.labels[index], None if self.cloud is None else self.cloud.take(index))


def match(
    predicted: Path, truth: Path, failed: Failed | None = None
) -> tuple[list[Pair], list[Path]]:
    """Pairs of predicted and true scans, and the true scans nobody predicted.

    Two files are a pair whatever their names; folders, with the folders in them, are matched by
    file name, then by name without suffixes (``000000.label`` and ``000000.bin``), then as
    `pair_files` says. ``failed`` is told of what has no partner.

    Raises:
        InputError: if a path does not exist, or nothing is a pair; and as `pair_files`.
    """
    for path in (predicted, truth):
        if not path.exists():
            raise InputError("no such file or folder", path=path)
    if _is_one(predicted) and _is_one(truth):
        return [(predicted, truth)], []
    guesses = {one: _names(one, predicted, one.name) for one in _scans(predicted)}
    truths = {one: _names(one, truth, output_name(one)) for one in _scans(truth)}
    if _is_one(truth):
        pairs = partner_of(truth, guesses, truths[truth])
    else:
        pairs = pair_files(guesses, truths, failed)
    used = {one for _, one in pairs}
    return pairs, [one for one in truths if one not in used]


def compare(
    pairs: Sequence[Pair],
    labels: LabelMap | None,
    *,
    label_field: str | None = None,
    columns: Sequence[str] | None = None,
    failed: Failed | None = None,
) -> tuple[tuple[str, ...], Confusion]:
    """Class names and the confusion over all points of all pairs.

    Without a label map every raw id of truth or prediction is a class of its own. ``columns``
    names those of text, as `volseg.io.read` does. ``failed`` is told of files that cannot be used.

    Raises:
        InputError: naming the file whose labels are missing, too few, or outside the map, where
            nobody is told; or if no point is left.
    """
    if labels is not None:
        confusion = Confusion(len(labels))

        def encoded(pair: Pair) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
            predicted, true = read_pair(*pair, label_field, columns)
            return encode(labels, true.labels, pair[1]), encode(labels, predicted.labels, pair[0])

        for truth, guess in done((attempt(encoded, pair) for pair in pairs), failed):
            confusion.update(truth, guess)
        return labels.names, confusion

    def raw(pair: Pair) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        predicted, true = read_pair(*pair, label_field, columns)
        return predicted.labels, true.labels

    loaded = list(done((attempt(raw, pair) for pair in pairs), failed))
    found = [np.unique(values) for pair in loaded for values in pair]
    ids = np.unique(np.concatenate([np.zeros(0, np.int64), *found]))
    ids = ids[ids != UNKNOWN]
    if not loaded:  # as `failed` was told
        return (), Confusion(1)
    if len(ids) == 0:
        raise InputError("no point to compare: the scans are empty", path=pairs[0][1])
    confusion = Confusion(len(ids))
    for predicted_ids, true_ids in loaded:
        confusion.update(_places(ids, true_ids), _places(ids, predicted_ids))
    return tuple(str(one) for one in ids), confusion


def _places(ids: NDArray[np.int64], raw: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which of the ids each raw one is, `IGNORE` where it is unknown."""
    return np.where(raw == UNKNOWN, IGNORE, np.searchsorted(ids, raw))


def check_columns(pairs: Sequence[Pair], columns: Sequence[str] | None) -> None:
    """Refuse names of columns where no file is text.

    Raises:
        InputError: if they would be of no use.
    """
    if columns is not None and pairs and not any(is_text(one) for pair in pairs for one in pair):
        raise InputError("is no text, nor is its truth; --columns goes with text", path=pairs[0][0])


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


def _scans(folder: Path) -> list[Path]:
    if _is_one(folder):
        return [folder]
    found = files_within(folder, lambda one: is_scan(one) and scan_file(one).is_file())
    labels = files_within(folder, lambda one: one.suffix.lower() in LABELS_ALONE)
    stems = {(one.parent, scan_stem(one)) for one in found}
    found += [one for one in labels if (one.parent, scan_stem(one)) not in stems]
    if not found:
        raise InputError("this folder holds no scan", path=folder)
    return found


def _is_one(path: Path) -> bool:
    """Whether a path is a scan, not a folder of some."""
    return not path.is_dir() or scan_file(path) != path


def _names(path: Path, root: Path, name: str) -> Names:
    """What a scan goes by in a folder: the name of its labelled copy, its own, without suffix."""
    place = Path() if _is_one(root) else path.relative_to(root).parent
    return tuple((place / one).as_posix() for one in (name, path.name, scan_stem(path)))
