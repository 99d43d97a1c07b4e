"""Which cases train and which are held out, fold by fold."""

from __future__ import annotations

from collections.abc import Sequence

from volseg.config import VolumeConfig
from volseg.data.volumes.datasets.dataset import Dataset
from volseg.data.volumes.datasets.folds import read_groups, read_splits, split_folds
from volseg.data.volumes.datasets.persons import groups_of, told_by_names
from volseg.errors import InputError
from volseg.progress import Progress

Fold = int | None
"""Which part of the cases is held out; None for none of them."""

EACH = "cases"
"""The value of ``data.groups`` that splits case by case."""


def folder_name(fold: Fold) -> str:
    """The folder of a fold in that of the run."""
    return "fold_all" if fold is None else f"fold_{fold}"


def split_cases(
    dataset: Dataset, config: VolumeConfig, folds: Sequence[Fold]
) -> list[tuple[list[str], list[str]]]:
    """Names of cases to train on and to hold out, for every fold asked for.

    Raises:
        InputError: if there is no such fold, or a case has no group.
    """
    names = [case.name for case in dataset.cases]
    if all(fold is None for fold in folds):
        return [(names, []) for _ in folds]
    if config.data.splits is not None:
        splits = read_splits(dataset.folder / config.data.splits, names)
    else:
        groups = None if config.data.groups == EACH else case_groups(dataset, config)
        splits = split_folds(names, groups, config.data.folds)
    wrong = [fold for fold in folds if fold is not None and not 0 <= fold < len(splits)]
    if wrong:
        raise InputError(f"fold {wrong[0]} of {len(splits)}; wanted 0 to {len(splits) - 1}, or all")
    return [(names, []) if fold is None else splits[fold] for fold in folds]


def case_groups(dataset: Dataset, config: VolumeConfig) -> dict[str, str] | None:
    """The group of every case: of the config's file, else of the dataset or of its names."""
    if config.data.groups not in (None, EACH):
        return read_groups(dataset.folder / config.data.groups)
    return groups_of(dataset)


def say_groups(
    dataset: Dataset, config: VolumeConfig, folds: Sequence[Fold], progress: Progress
) -> None:
    """Say where names alone decide what is held out together, or could have."""
    groups = None if dataset.groups else groups_of(dataset)
    if groups is None or config.data.groups not in (None, EACH) or set(folds) == {None}:
        return
    if config.data.groups == EACH or config.data.splits is not None:
        line = "split as the config asks, so that scores may be of persons that trained"
    else:
        line = f"a person is held out whole (data.groups={EACH} splits case by case)"
    progress.note(f"{told_by_names(groups)}: {line}")
