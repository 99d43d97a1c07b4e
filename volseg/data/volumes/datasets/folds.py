"""Which cases train and which are held out, fold by fold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from volseg.data.volumes.datasets.pairs import read_table
from volseg.errors import InputError
from volseg.io.naming import naming

SEED = 12345
"""The seed nnU-Net splits with, so that scores by fold compare."""


def split_folds(
    names: Sequence[str], groups: Mapping[str, str] | None = None, folds: int = 5
) -> list[tuple[list[str], list[str]]]:
    """Cases to train on and to validate on, for every fold.

    The split is that of scikit-learn's ``KFold(folds, shuffle=True, random_state=12345)`` over
    the sorted names, which is nnU-Net's; with groups, over the sorted groups, so that the cases
    of one stay together.

    Args:
        names: of the cases, in any order, none twice.
        groups: the group of every case.
        folds: how many.

    Returns:
        Sorted names to train on, and to validate on. Every case is in one fold's validation.

    Raises:
        InputError: if there are fewer cases, or groups, than folds, or a case has no group.
    """
    unit = {name: name if groups is None else _group(name, groups) for name in sorted(names)}
    units = sorted(set(unit.values()))
    if len(units) < folds:
        of = ("case" if groups is None else "group of cases") + "s" * (len(units) > 1)
        fewer = f"set data.folds to {len(units)} or less" if len(units) > 1 else "add others"
        raise InputError(
            f"{len(units)} {of}, too few for {folds} folds; {fewer}, "
            "or train on all cases (--fold all)"
        )
    order = np.arange(len(units))
    np.random.RandomState(SEED).shuffle(order)
    split = []
    for part in np.array_split(order, folds):  # the first len % folds parts have one more
        held = {units[index] for index in part}
        train = [name for name, of in unit.items() if of not in held]
        split.append((train, [name for name, of in unit.items() if of in held]))
    return split


def read_groups(path: Path | str) -> dict[str, str]:
    """The group of every case, from a CSV file with columns ``case`` and ``group``.

    Raises:
        InputError: if the file or a column is missing, or a case stands twice or has no group.
    """
    path = Path(path)
    _, rows = read_table(path)
    groups: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        case, group = row.get("case"), row.get("group")
        if not case or not group:
            raise InputError(
                f"line {number} lacks a case or its group; wanted columns case and group", path=path
            )
        if case in groups:
            raise InputError(f"case {case!r} stands twice; give it one group", path=path)
        groups[case] = group
    return groups


def read_splits(path: Path | str, names: Sequence[str]) -> list[tuple[list[str], list[str]]]:
    """Folds as `split_folds` gives them, from nnU-Net's ``splits_final.json``.

    Args:
        path: a JSON list with an object ``{"train": [name, ...], "val": [name, ...]}`` a fold.
        names: of the cases there are.

    Raises:
        InputError: if the file is missing or no such list, or a fold names a case that there is
            not, or one on both sides.
    """
    path = Path(path)
    with naming(path):
        try:
            listed = json.loads(path.read_text(encoding="utf-8-sig"))
            folds = [[sorted(map(str, one[part])) for part in ("train", "val")] for one in listed]
        except (ValueError, TypeError, KeyError, RecursionError):
            wanted = 'wanted a JSON list of {"train": [names], "val": [names]}'
            raise InputError(f"holds no folds; {wanted}") from None
        for number, (train, held) in enumerate(folds):
            unknown = sorted({*train, *held}.difference(names))
            both = sorted(set(train).intersection(held))
            if unknown or both or not train:
                wrong = f"has {both[0]!r} on both sides" if both else "trains on no case"
                wrong = f"names {unknown[0]!r}, which is no case" if unknown else wrong
                raise InputError(f"fold {number} {wrong}; correct it")
    return [(train, held) for train, held in folds]


def _group(name: str, groups: Mapping[str, str]) -> str:
    if name not in groups:
        raise InputError(f"case {name!r} has no group; give every case one")
    return groups[name]
