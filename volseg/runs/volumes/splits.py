"""Which cases train and which are held out, fold by fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from volseg.config import VolumeDataSpec
from volseg.data.volumes.datasets.dataset import Dataset
from volseg.data.volumes.datasets.folds import read_groups, read_splits, split_folds
from volseg.data.volumes.datasets.persons import groups_of, told_by_names
from volseg.errors import InputError
from volseg.progress import Progress

Fold = int | None
"""Number of the fold of cases that is held out; None for none of them."""

EACH = "cases"
"""The value of ``data.groups`` that splits case by case."""


def folder_name(fold: Fold) -> str:
    """The folder of a fold in that of the run."""
    return "fold_all" if fold is None else f"fold_{fold}"


def split_cases(
    dataset: Dataset, spec: VolumeDataSpec, folds: Sequence[Fold]
) -> list[tuple[list[str], list[str]]]:
    """Names of cases to train on and to hold out, for every fold asked for.

    Raises:
        InputError: if there is no such fold, or a case has no group.
    """
    return _split(dataset, spec, case_groups(dataset, spec), folds)


def split_persons(
    dataset: Dataset, spec: VolumeDataSpec, folds: Sequence[Fold], progress: Progress
) -> tuple[list[tuple[list[str], list[str]]], dict[str, str]]:
    """As `split_cases`, and whose each case is: of its group, or of a person of its own.

    Says where names alone decide what is held out together, or could have.
    """
    groups = case_groups(dataset, spec)
    splits = _split(dataset, spec, groups, folds)
    if groups and not (dataset.groups or spec.groups not in (None, EACH) or set(folds) == {None}):
        line = f"a person is held out whole (data.groups={EACH} splits case by case)"
        if spec.groups == EACH or spec.splits is not None:
            line = "split as the config asks, so that scores may be of persons that trained"
        progress.note(f"{told_by_names(groups)}: {line}")
    return splits, groups or {case.name: case.name for case in dataset.cases}


def case_groups(dataset: Dataset, spec: VolumeDataSpec) -> dict[str, str] | None:
    """The group of every case: of the config's file, else of the dataset or of its names."""
    if spec.groups not in (None, EACH):
        return read_groups(dataset.folder / spec.groups)
    return groups_of(dataset)


def _split(
    dataset: Dataset,
    spec: VolumeDataSpec,
    groups: Mapping[str, str] | None,
    folds: Sequence[Fold],
) -> list[tuple[list[str], list[str]]]:
    names = [case.name for case in dataset.cases]
    if all(fold is None for fold in folds):
        return [(names, []) for _ in folds]
    if spec.splits is not None:
        splits = read_splits(dataset.folder / spec.splits, names)
    else:
        splits = split_folds(names, None if spec.groups == EACH else groups, spec.folds)
    wrong = [fold for fold in folds if fold is not None and not 0 <= fold < len(splits)]
    if wrong:
        raise InputError(f"fold {wrong[0]} of {len(splits)}; wanted 0 to {len(splits) - 1}, or all")
    return [(names, []) if fold is None else splits[fold] for fold in folds]
