"""Which predicted label volume belongs to which truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from volseg.data.volumes.datasets.classes import background_first
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.data.volumes.datasets.folders import volumes_in
from volseg.errors import InputError
from volseg.geometry.class_colours import class_colours
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.io.volume_formats import is_volume, volume_stem


@dataclass(frozen=True)
class Pair:
    """A case: its name, and the files of its predicted and its true labels."""

    name: str
    predicted: Path
    truth: Path


def pair_volumes(predicted: Path, truth: Path) -> tuple[list[Pair], list[str], LabelMap | None]:
    """Pairs of predicted and true label volumes.

    Two files are a pair whatever their names. Those of folders are matched by their names
    without suffixes; ``a_probabilities`` beside ``a`` is left out. A truth that is a dataset
    gives the labels of its cases, and its classes.

    Returns:
        The pairs; the names of the truths without a prediction; and the classes the truth
        names, if it does.

    Raises:
        InputError: if a path does not exist or holds no volume, a prediction has no truth, or a
            name stands twice.
    """
    for path in (predicted, truth):
        if not path.exists():
            raise InputError("no such file or folder", path=path)
    truths, labels = _truths(truth)
    if is_volume(predicted) and is_volume(truth):
        return [Pair(volume_stem(truth), predicted, truth)], [], labels
    guesses = _by_name([predicted] if is_volume(predicted) else _volumes(predicted), predicted)
    if is_volume(truth):
        guesses = {name: path for name, path in guesses.items() if name in truths}
        if not guesses:
            raise InputError(f"no prediction of this name in {predicted}; wanted one", path=truth)
    beside = {f"{name}_probabilities" for name in guesses}
    guesses = {name: path for name, path in guesses.items() if name not in beside}
    for name, path in guesses.items():
        if name not in truths:
            raise InputError(f"no truth of this name in {truth}; wanted one", path=path)
    pairs = [Pair(name, path, truths[name]) for name, path in guesses.items()]
    return pairs, [name for name in truths if name not in guesses], labels


def _truths(truth: Path) -> tuple[dict[str, Path], LabelMap | None]:
    if is_volume(truth):
        return {volume_stem(truth): truth}, None
    if truth.is_dir() and not (truth / "dataset.json").is_file() and volumes_in(truth):
        return _by_name(volumes_in(truth), truth), None
    dataset = read_dataset(truth)
    found = {case.name: case.label for case in dataset.cases if case.label is not None}
    if dataset.classes is None:
        return found, None
    classes = dataset.classes
    known = {raw for ids in classes.values() for raw in ids} | set(dataset.ignore)
    if not dataset.overlap and 0 not in known:
        classes = {"background": (0,)} | classes
    if not dataset.overlap:
        classes = background_first(classes)
    colours = class_colours([(name, None) for name in classes])
    entries = tuple(
        LabelClass(name, ids, colour)
        for (name, ids), colour in zip(classes.items(), colours, strict=True)
    )
    ignore, overlap = dataset.ignore, dataset.overlap
    return found, LabelMap(entries, ignore, overlap=overlap, background=dataset.background)


def _volumes(folder: Path) -> list[Path]:
    found = volumes_in(folder)
    if not found:
        raise InputError("this folder holds no volume", path=folder)
    return found


def _by_name(files: Sequence[Path], folder: Path) -> dict[str, Path]:
    times = Counter(map(volume_stem, files))
    for file in files:
        if times[volume_stem(file)] > 1:
            raise InputError(
                f"{times[volume_stem(file)]} volumes in {folder} have this name; wanted one",
                path=file,
            )
    return {volume_stem(file): file for file in files}
