"""Labels of scans: which field holds them, whether it does, and how files keep them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.labels import UNKNOWN
from volseg.geometry.points import PointCloud
from volseg.io.naming import naming

# Names under which published data sets and tools keep class ids, likeliest first.
LABEL_NAMES = (
    "label", "labels", "class", "classification", "scalar_label", "scalar_labels", "scalar_class",
    "scalar_classification", "semantic", "semantics", "semantic_label", "semantic_class",
    "sem_class", "sem_label", "label_id", "class_id", "class_code", "class_label", "category", "gt",
    "klasse", "klass", "classe", "clase",
)  # fmt: skip
# Above it a float64 stands for several whole numbers.
EXACT = 2.0**53


def label_name(names: Sequence[str], wanted: str | None) -> str | None:
    """The field that holds the labels: the one wanted, else the first usual name, else None.

    Raises:
        InputError: if the wanted one is missing.
    """
    if wanted is not None:
        if wanted in names:
            return wanted
        raise InputError(f"has no field {wanted!r}; it has {', '.join(names) or 'no other field'}")
    lower = {name.lower(): name for name in names}
    return next((lower[name] for name in LABEL_NAMES if name in lower), None)


def take_labels(
    fields: dict[str, NDArray[Any]], label: str | None, *, named: bool
) -> NDArray[np.int64] | None:
    """Labels, int64 (N,), taken out of the fields; None where there are none.

    A field that is called as labels are and holds other values stays, an attribute: prediction
    needs no labels. `true_labels` says what is wrong to those who do.

    Raises:
        InputError: if the user named a field that holds no labels.
    """
    if label is None:
        return None
    try:
        labels = class_ids(fields[label], label)
    except InputError:
        if named:
            raise
        return None
    del fields[label]
    return labels


def true_labels(cloud: PointCloud) -> NDArray[np.int64] | None:
    """The labels of a cloud for those who need them, int64 (N,); None where it has none.

    Raises:
        InputError: naming what is wrong with a file of labels, or a value that is no class id, if
            that is why there are none.
    """
    if cloud.labels is None and cloud.label_problem is not None:
        raise InputError(cloud.label_problem)
    if cloud.labels is None and cloud.label_field is not None:
        class_ids(cloud.attributes[cloud.label_field], cloud.label_field)
    return cloud.labels


def labels_beside(
    source: Path, read: Callable[[Path], NDArray[np.int64]], count: int
) -> tuple[NDArray[np.int64] | None, str | None]:
    """Labels of a file beside a scan of ``count`` points, or None and what is wrong with them.

    Prediction needs no labels; `true_labels` says what is wrong to those who do.

    Args:
        source: the file.
        read: gives a row a label, (M, ...).
        count: labels wanted.
    """
    try:
        with naming(source):
            labels = read(source)
    except InputError as error:
        return None, f"{source.name} {error.message}"
    if labels.shape[:1] != (count,):
        held = f"{source.name} has {len(np.atleast_1d(labels)):,} labels for the {count:,} points"
        return None, f"{held}; wanted one a point"
    return labels, None


def class_ids(values: NDArray[Any], name: str) -> NDArray[np.int64]:
    """Labels as int64 (N,); floats are taken when they hold whole numbers, NaN is `UNKNOWN`.

    Raises:
        InputError: on other values or another shape.
    """
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise InputError(f"field {name!r} holds {values.dtype} of shape {values.shape}, not labels")
    if values.dtype.kind == "f":
        there = ~np.isnan(values)
        fine = np.abs(values) < EXACT
        fine[fine] = values[fine] == np.rint(values[fine])
        if not fine[there].all():
            shown = float(values[there & ~fine][0])
            raise InputError(
                f"field {name!r} holds {shown:g}, which is not a class id; name the field of whole "
                "numbers that holds the labels"
            )
        labels = np.full(values.shape, UNKNOWN)
        labels[there] = values[there]
        return labels
    if values.dtype == np.uint64 and values.size and values.max() >= 2**63:
        raise InputError(f"field {name!r} holds {values.max()}, too large for a class id")
    return values.astype(np.int64)


def fit(labels: NDArray[np.int64], dtype: np.dtype[Any], name: str) -> NDArray[Any]:
    """Labels in the type a file keeps them in; `UNKNOWN` is NaN in floats, 0 in lesser integers.

    Raises:
        InputError: if the type does not hold them.
    """
    unknown = labels == UNKNOWN
    if dtype != labels.dtype:
        labels = known(labels)
    with np.errstate(over="ignore", invalid="ignore"):
        stored = labels.astype(dtype)
        wrong = (stored.astype(labels.dtype) != labels) | ((stored < 0) != (labels < 0))
    if dtype.kind == "f":
        wrong |= ~unknown & (np.abs(stored) >= EXACT)
    if wrong.any():
        kind, value = dtype.newbyteorder("="), labels[wrong][0]
        raise InputError(
            f"field {name!r} of type {kind} cannot hold class id {value}; "
            "use ids it holds, or write to a format without this field"
        )
    if dtype.kind == "f":
        stored[unknown] = np.nan
    return stored


def known(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels with 0, which says so in LAS and KITTI, where they are `UNKNOWN`."""
    unknown = labels == UNKNOWN
    return np.where(unknown, 0, labels) if unknown.any() else labels


def new_labels(labels: NDArray[np.int64]) -> NDArray[Any]:
    """Labels for a new file: as they are, or float64 with NaN where one is `UNKNOWN`."""
    return fit(labels, np.dtype(np.float64), "label") if (labels == UNKNOWN).any() else labels
