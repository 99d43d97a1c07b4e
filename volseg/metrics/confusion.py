"""One exact confusion matrix, and every score that follows from it.

It counts points and not voxels, in training, validation and evaluation alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.labels import IGNORE
from volseg.metrics.means import mean_over

if TYPE_CHECKING:
    from torch import Tensor

Labels: TypeAlias = "NDArray[np.integer[Any]] | Tensor"
Absent = Literal["nan", "zero"]

# Labels counted at a time: bounds the memory of the 64-bit keys to a few megabytes.
CHUNK = 1 << 18


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of K classes, each a fraction of 1.

    With TP, FP and FN of a class: IoU is ``TP / (TP + FP + FN)``, Dice (the F1 score)
    ``2 TP / (2 TP + FP + FN)``, precision ``TP / (TP + FP)``, recall ``TP / (TP + FN)``.
    A class absent from truth and prediction has NaN throughout. A class in one of them only
    has 0 throughout: precision and recall are 0 where their formula would be 0 / 0.

    Means are over the classes that the truth has. A class that is only predicted can score
    nothing but 0; what it took from others lowers their scores already.

    Attributes:
        iou: float64 (K,).
        dice: float64 (K,).
        precision: float64 (K,).
        recall: float64 (K,).
        support: int64 (K,), labels of the class in the truth.
        invented: int64 (K,), predictions of a class that the truth has nowhere; 0 of others.
        counted: bool (K,), which classes the means are over.
        mean_iou: NaN if no class is counted.
        mean_dice: NaN likewise.
        overall_accuracy: correct share of all labels; NaN if there are none.
    """

    iou: NDArray[np.float64]
    dice: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    support: NDArray[np.int64]
    invented: NDArray[np.int64]
    counted: NDArray[np.bool_]
    mean_iou: float
    mean_dice: float
    overall_accuracy: float


class Confusion:
    """Counts of training ids, truth against prediction, gathered in a stream.

    Points whose truth is `IGNORE` count nowhere. A prediction of `IGNORE` on a labelled point
    is a miss: it lowers the recall and IoU of the true class and blames no other class.

    Attributes:
        counts: int64 (K, K + 1); rows truth, columns prediction, the last column predictions
            of `IGNORE`. Counts of several streams or processes may be added up.

    Raises:
        InputError: if there is no class.
    """

    def __init__(self, num_classes: int) -> None:
        if num_classes < 1:
            raise InputError(f"a confusion matrix of {num_classes} classes; wanted at least one")
        self.counts: NDArray[np.int64] = np.zeros((num_classes, num_classes + 1), dtype=np.int64)

    @property
    def num_classes(self) -> int:
        """Number of classes, K."""
        return len(self.counts)

    @property
    def matrix(self) -> NDArray[np.int64]:
        """Confusion matrix, int64 (K, K): rows truth, columns prediction; a copy."""
        return self.counts[:, :-1].copy()

    @property
    def missed(self) -> NDArray[np.int64]:
        """Labelled points predicted as `IGNORE`, by true class, int64 (K,); a copy."""
        return self.counts[:, -1].copy()

    def update(self, truth: Labels, predicted: Labels) -> None:
        """Count training ids, integers in ``[-1, K)`` of any one shape, arrays or tensors.

        Raises:
            InputError: if the shapes differ or an id is out of range; nothing is counted then.
        """
        rows, columns = self._ids(truth, "truth"), self._ids(predicted, "prediction")
        if rows.shape != columns.shape:
            raise InputError(
                f"truth has shape {rows.shape} and prediction {columns.shape}; wanted the same"
            )
        rows, columns = rows.reshape(-1), columns.reshape(-1)
        side = self.num_classes + 1
        table = np.zeros(side * side, dtype=np.int64)
        for start in range(0, rows.size, CHUNK):
            # Ids from -1 become keys from 0: row and column 0 are IGNORE.
            keys = rows[start : start + CHUNK].astype(np.int64)
            keys += 1
            keys *= side
            keys += columns[start : start + CHUNK].astype(np.int64)
            keys += 1
            table += np.bincount(keys, minlength=side * side)
        self.counts += np.roll(table.reshape(side, side)[1:], -1, axis=1)

    def merge(self, other: Confusion) -> None:
        """Add another stream's counts to these.

        Raises:
            InputError: if the other has another number of classes.
        """
        if other.num_classes != self.num_classes:
            raise InputError(
                f"cannot merge counts of {other.num_classes} classes into {self.num_classes}; "
                "wanted the same classes"
            )
        self.counts += other.counts

    def against_others(self, number: int) -> Confusion:
        """The counts of one class (1) against all others (0)."""
        own = Confusion(2)
        others = np.delete(self.counts, number, axis=0).sum(axis=0)
        rows = np.stack([others, self.counts[number]])
        own.counts[:, 1] = rows[:, number]
        own.counts[:, 2] = rows[:, -1]
        own.counts[:, 0] = rows.sum(axis=1) - rows[:, number] - rows[:, -1]
        return own

    def scores(self, absent: Absent = "nan") -> Scores:
        """Scores of every class, and of all together.

        Args:
            absent: what becomes of classes that the truth lacks: left out of the means, NaN
                where they are not predicted either; or ``"zero"``: 0, and counted in the
                means, as tools such as SemanticKITTI's evaluator do.
        """
        fill = 0.0 if absent == "zero" else np.nan
        hits = np.diagonal(self.counts)
        support = self.counts.sum(axis=1)
        predicted = self.counts[:, :-1].sum(axis=0)
        union = support + predicted - hits

        def ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
            return np.where(union > 0, part / np.maximum(whole, 1), fill)

        iou, dice = ratio(hits, union), ratio(2 * hits, support + predicted)
        counted = np.full(len(hits), True) if absent == "zero" else support > 0
        total = int(support.sum())
        return Scores(
            iou=iou,
            dice=dice,
            precision=ratio(hits, predicted),
            recall=ratio(hits, support),
            support=support,
            invented=np.where(support > 0, 0, predicted),
            counted=counted,
            mean_iou=mean_over(iou, counted, empty=fill),
            mean_dice=mean_over(dice, counted, empty=fill),
            overall_accuracy=int(hits.sum()) / total if total else fill,
        )

    def to_json(self, names: Sequence[str], *, absent: Absent = "nan") -> dict[str, Any]:
        """Scores and counts as plain values, NaN as None (JSON's null).

        Keys: ``classes`` (by name: iou, dice, precision, recall, support), ``mean_iou``,
        ``overall_accuracy``, ``confusion`` (K x K, rows truth, columns prediction) and
        ``labels`` (the names of its rows and columns). Only where classes are predicted that
        the truth lacks, ``not_in_mean`` names those that the mean leaves out. Only where
        labelled points were predicted as `IGNORE`, ``missed`` has their number in each row,
        which ``confusion`` lacks and ``support`` includes.

        Raises:
            InputError: if the number of names is not the number of classes.
        """
        if len(names) != self.num_classes:
            raise InputError(f"{len(names)} class names; wanted {self.num_classes}, one a class")
        scores = self.scores(absent)
        columns = {
            key: [_plain(value) for value in getattr(scores, key).tolist()]
            for key in ("iou", "dice", "precision", "recall", "support")
        }
        report: dict[str, Any] = {
            "classes": {
                name: {key: values[row] for key, values in columns.items()}
                for row, name in enumerate(names)
            },
            "mean_iou": _plain(scores.mean_iou),
            "overall_accuracy": _plain(scores.overall_accuracy),
            "confusion": self.matrix.tolist(),
            "labels": list(names),
        }
        left_out = (scores.invented > 0) & ~scores.counted
        if left_out.any():
            report["not_in_mean"] = [names[k] for k in np.flatnonzero(left_out).tolist()]
        if self.missed.any():
            report["missed"] = self.missed.tolist()
        return report

    def _ids(self, values: Labels, role: str) -> NDArray[np.integer[Any]]:
        """Ids as an integer array, checked."""
        ids = values if isinstance(values, np.ndarray) else values.detach().cpu().numpy()
        if not np.issubdtype(ids.dtype, np.integer):
            raise InputError(f"{role} has values of type {ids.dtype}; wanted integer class ids")
        if ids.size:
            lowest, highest = int(ids.min()), int(ids.max())
            if lowest < IGNORE or highest >= self.num_classes:
                found = lowest if lowest < IGNORE else highest
                raise InputError(
                    f"{role} has class id {found}; wanted training ids from {IGNORE} (ignored) to "
                    f"{self.num_classes - 1}; encode raw ids with the label map first"
                )
        return ids


def _plain(value: float) -> float | None:
    return None if value != value else value
