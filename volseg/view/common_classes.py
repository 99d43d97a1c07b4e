"""The classes in which a prediction and a truth can be compared where nobody names them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.class_colours import kind_colour
from volseg.geometry.labels import UNKNOWN, LabelClass, LabelMap
from volseg.view.classes import ids_of
from volseg.view.palette import id_class

Ids = NDArray[np.integer[Any]]

NEVER_CLASSIFIED = 0
# Classes of LAS that models and surveys divide differently.
FAMILIES = {"vegetation": (3, 4, 5), "noise": (7, 18), "ground": (2, 8), "wires": (13, 14, 16)}


@dataclass(frozen=True)
class Comparison:
    """How a prediction and a truth are compared.

    Attributes:
        labels: the classes of both; None where every id is one.
        heading: what errors are headed, which names the classes where nobody did.
        note: what a reader of their share must know, a line; nothing where there is nothing.
    """

    labels: LabelMap | None
    heading: str = "errors"
    note: str = ""


def compare_ids(predicted: Ids, truth: Ids, *, asprs: bool) -> Comparison:
    """How to compare ids that no label map explains.

    Of the classification of LAS, classes of one family are one class where prediction and truth
    do not use the same ones of it, and what was never classified has no truth.

    Args:
        predicted: raw ids, of any shape.
        truth: raw ids, of the same shape.
        asprs: whether they are the classification of LAS.
    """
    guess, true = (set(ids_of(one).tolist()) - {UNKNOWN} for one in (predicted, truth))
    families = {name: ids for name, ids in FAMILIES.items() if asprs and _differ(guess, true, ids)}
    merged = {one for ids in families.values() for one in ids}
    ignore = {NEVER_CLASSIFIED} & true - guess if asprs else set[int]()
    lacking = sorted(true - guess - merged - ignore)
    heading = "errors by class id" + "".join(
        f", {_listed(ids)} as one" for ids in families.values()
    )
    notes = [f"{_listed(ids)} are one class, {name}" for name, ids in families.items()]
    notes += ["0, never classified, counts nowhere"] if ignore else []
    if lacking:
        share = 100 * float(np.isin(truth, lacking).mean())
        notes.append(
            f"{_listed(lacking)} of the truth ({share:.1f} %) is nowhere in the prediction"
        )
    note = (
        f"errors are judged by class id: {'; '.join(notes)}; --model or --labels names the classes"
    )
    labels = _label_map(guess | true, families, ignore) if families or ignore else None
    return Comparison(labels, heading, note if notes else "")


def _differ(guess: set[int], true: set[int], family: Iterable[int]) -> bool:
    mine, own = guess.intersection(family), true.intersection(family)
    return bool(mine and own) and mine != own


def _label_map(ids: set[int], families: dict[str, tuple[int, ...]], ignore: set[int]) -> LabelMap:
    classes = [
        LabelClass(f"{_listed(members)}  {name}", members, kind_colour(name) or "#000000")
        for name, members in families.items()
    ]
    merged = {value for members in families.values() for value in members}
    classes += [id_class(value, asprs=True) for value in ids - ignore - merged]
    return LabelMap(tuple(sorted(classes, key=lambda entry: entry.ids)), tuple(ignore))


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(map(str, ids))
