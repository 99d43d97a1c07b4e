"""Labelled volumes on disk: from a folder or a CSV file to cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from volseg.data.volumes.datasets.bids import is_bids, read_bids
from volseg.data.volumes.datasets.cases import Case, Dataset, Problem
from volseg.data.volumes.datasets.coco import read_coco
from volseg.data.volumes.datasets.described import DESCRIPTION, read_described
from volseg.data.volumes.datasets.folders import is_paired, read_folders
from volseg.data.volumes.datasets.pairs import read_pairs
from volseg.data.volumes.datasets.total import is_total, read_total
from volseg.errors import InputError
from volseg.io.volumes.coco import is_panoptic

__all__ = ["Case", "Dataset", "Problem", "read_dataset", "survey"]

Reader = Callable[[Path], tuple[Dataset, list[Problem]]]
"""Reads the cases of a dataset, and what is wrong with others."""

TREES = ("BIDS", "TotalSegmentator")
"""Layouts whose images lie in folders of their own, which predictions keep."""


def read_dataset(path: Path | str, on_note: Callable[[str], object] = lambda line: None) -> Dataset:
    """The training cases of a dataset; no volume is opened.

    Layouts: the Medical Segmentation Decathlon's and nnU-Net's (a ``dataset.json``), BIDS with its
    derivatives, TotalSegmentator's (a folder a case, a mask a structure), COCO's panoptic format
    (a JSON), a folder of images and one of labels, and a CSV file of pairs. ``on_note`` is told of
    what is odd about one that can be used.

    Raises:
        InputError: if the path holds no dataset, or a file is missing or there twice.
    """
    dataset, problems = survey(path)
    for problem in problems:
        if problem.severity == "error":
            raise problem.error()
    if problems:
        more = f" (and {len(problems) - 1} more: see 'volseg check')" if len(problems) > 1 else ""
        on_note(f"{problems[0].error()}{more}")
    return dataset


def find_reader(path: Path) -> Reader | None:
    """What reads a file, or a folder in one of the layouts; None of a folder in none of them."""
    if path.is_file() and path.name != DESCRIPTION:
        return read_coco if is_panoptic(path) else read_pairs
    if path.is_file() or (path / DESCRIPTION).is_file():
        return read_described
    layouts = ((is_bids, read_bids), (is_total, read_total), (is_paired, read_folders))
    return next((reader for is_layout, reader in layouts if is_layout(path)), None)


def survey(path: Path | str) -> tuple[Dataset, list[Problem]]:
    """The cases of a dataset that have all their files, and what is wrong with the others.

    Raises:
        InputError: if the path holds no dataset, or no case at all.
    """
    path = Path(path)
    if not path.exists():
        raise InputError("does not exist; name a dataset's folder or CSV file", path=path)
    reader = find_reader(path) or read_folders  # which says what is missing
    dataset, problems = reader(path)
    if not dataset.cases:
        raise InputError("lists no training case", path=path)
    sound: dict[str, Case] = {}
    for case in sorted(dataset.cases, key=lambda case: case.name):
        wrong = list(_wrong(case, dataset.channels, taken=case.name in sound))
        problems += wrong
        if not wrong:
            sound[case.name] = case
    return replace(dataset, cases=tuple(sound.values())), problems


def _wrong(case: Case, channels: tuple[str, ...] | None, *, taken: bool) -> Iterable[Problem]:
    """What keeps a case from being read."""
    first = case.images[0]
    if taken:
        message = f"another case is called {case.name!r}; wanted a name of its own"
        yield Problem(case.name, message, "name it in a CSV file's column 'case'", first)
    if not case.name or case.name.startswith(".") or any(one in case.name for one in '/\\:*?"<>|'):
        message = f"the case is called {case.name!r}; wanted a name that a file can have"
        yield Problem(case.name, message, "rename it", first)
    if 1 < len(case.images) != len(channels or case.images):
        message = f"{len(case.images)} files for {len(channels or ())} channels"
        yield Problem(case.name, message, "name every channel of the files", first)
    for file in case.images:
        if not file.exists():
            yield Problem(case.name, "the image is missing", "add it, or remove the case", file)
    if case.objects is not None and not case.objects.exists():
        yield Problem(case.name, "the file of ids is missing", "add it", case.objects)
    if not case.label.exists():
        message = "the image has no label"
        remedy = f"add {case.label.name}, or remove the image"
        yield Problem(case.name, message, remedy, first)
