"""Datasets as TotalSegmentator lays them out: a folder a case, with one mask a structure."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from volseg.data.volumes.datasets.cases import Case, Dataset, Problem
from volseg.data.volumes.datasets.folders import find_folder, volumes_in
from volseg.io.volumes.formats import STRUCTURES, volume_stem
from volseg.io.volumes.structures import structures


def is_total(folder: Path) -> bool:
    """Whether a folder inside has an image and ``segmentations``."""
    return any(volumes_in(one) for one in _cases(folder))


def read_total(folder: Path) -> tuple[Dataset, list[Problem]]:
    """Every folder with ``segmentations`` is a case; volumes beside those are its channels.

    The structures of all cases are the classes, by name; each case should have them all.

    Raises:
        InputError: if a folder of masks holds none, or one twice.
    """
    cases: list[Case] = []
    problems: list[Problem] = []
    folders = _cases(folder)
    images = {one: {volume_stem(file): file for file in volumes_in(one)} for one in folders}
    counts = Counter(name for files in images.values() for name in files)
    most = max(counts.values(), default=0)
    channels = sorted(name for name, count in counts.items() if count == most)
    masks = {one: structures(_masks(one)) for one in folders}
    every = sorted({name for files in masks.values() for name in files})
    for one, files in images.items():
        suffix = next((path.name[len(name) :] for name, path in files.items()), ".nii.gz")
        wanted = tuple(files.get(name, one / f"{name}{suffix}") for name in channels)
        cases.append(Case(one.name, wanted, _masks(one)))
        missing = [name for name in every if name not in masks[one]]
        if missing:
            shown = f"{', '.join(missing[:4])}{' ...' if len(missing) > 4 else ''}"
            message = f"lacks {shown}, which other cases have"
            remedy = "have them taken as absent (--fix OUT)"
            problems.append(Problem(one.name, message, remedy, _masks(one), repair="structures"))
    classes: dict[str, tuple[int, ...]] = {"background": (0,)}
    classes |= {name: (number,) for number, name in enumerate(every, start=1)}
    names = tuple(channels) if len(channels) > 1 else None
    return Dataset(folder, "TotalSegmentator", tuple(cases), names, classes), problems


def _cases(folder: Path) -> list[Path]:
    inside = sorted(one for one in folder.iterdir() if one.is_dir() and one.name[0] != ".")
    return [one for one in inside if find_folder(one, (STRUCTURES,)) is not None]


def _masks(case: Path) -> Path:
    found = find_folder(case, (STRUCTURES,))
    assert found is not None
    return found
