"""Which predicted label volume belongs to which truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from volseg.data.volumes.datasets.cases import Case, Dataset
from volseg.data.volumes.datasets.classes import background_first
from volseg.data.volumes.datasets.dataset import TREES, is_described, read_dataset
from volseg.data.volumes.datasets.folders import LABELS, find_folder
from volseg.errors import InputError
from volseg.evaluate.pairing import Failed, Names, pair_files, partner_of
from volseg.geometry.class_colours import class_colours
from volseg.geometry.labels import LabelMap
from volseg.io import is_scan
from volseg.io.folders import files_within
from volseg.io.volumes.formats import is_listed_volume, is_volume, volume_stem


@dataclass(frozen=True)
class Pair:
    """A case: its name, and the files of its predicted and its true labels."""

    name: str
    predicted: Path
    truth: Path


def holds_volumes(path: Path) -> bool:
    """Whether a path is a volume, a dataset of them, or a folder of more volumes than scans."""
    if is_volume(path) or not path.is_dir():
        return is_volume(path)
    if (path / "dataset.json").is_file() or find_folder(path, LABELS) is not None:
        return True
    volumes, scans = (len(files_within(path, kind)) for kind in (is_volume, is_scan))
    return volumes > scans


def are_volumes(predicted: Path, truth: Path) -> bool:
    """Whether a prediction and its truth are of volumes; a table of pairs looks like a scan."""
    return holds_volumes(predicted if truth.suffix.lower() == ".csv" else truth)


def pair_volumes(
    predicted: Path, truth: Path, failed: Failed | None = None
) -> tuple[list[Pair], list[str], LabelMap | None]:
    """Pairs of predicted and true label volumes.

    Two files are a pair whatever their names. Those of folders, and of the folders in them, are
    matched by their names without suffixes, then as `pair_files` says, which ``failed`` is for;
    ``a_probabilities`` and ``a_preview.png`` beside ``a`` are left out. A truth that is a dataset
    gives the labels of its cases, and its classes.

    Returns:
        The pairs; the names of the truths without a prediction; and the classes the truth
        names, if it does.

    Raises:
        InputError: if a path does not exist or holds no volume; and as `pair_files`.
    """
    for path in (predicted, truth):
        if not path.exists():
            raise InputError("no such file or folder", path=path)
    truths, labels = _truths(truth)
    if is_volume(predicted) and is_volume(truth):
        return [Pair(volume_stem(truth), predicted, truth)], [], labels
    # Once for the name of a truth, and once for where its image lies in a dataset.
    guesses = {path: (name, name) for path, (name,) in _volumes(predicted).items()}
    if is_volume(truth):
        pairs = partner_of(truth, guesses, truths[truth])
    else:
        pairs = pair_files(guesses, truths, failed)
    used = {path for _, path in pairs}
    return (
        [Pair(truths[path][0], guess, path) for guess, path in pairs],
        [names[0] for path, names in truths.items() if path not in used],
        labels,
    )


def _truths(truth: Path) -> tuple[dict[Path, Names], LabelMap | None]:
    if is_volume(truth):
        return _volumes(truth), None
    described = is_described(truth) or find_folder(truth, LABELS) is not None
    if not described and files_within(truth, is_listed_volume):
        return _volumes(truth), None
    dataset = read_dataset(truth)
    found = {case.label: _names(case, dataset) for case in dataset.cases}
    if dataset.classes is None:
        return found, None
    classes = dataset.classes
    known = {raw for ids in classes.values() for raw in ids} | set(dataset.ignore)
    if not dataset.overlap and 0 not in known:
        classes = {"background": (0,)} | classes
    if not dataset.overlap:
        classes = background_first(classes)
    return found, LabelMap.of(
        classes,
        class_colours([(name, None) for name in classes]),
        ignore=dataset.ignore,
        overlap=dataset.overlap,
        background=dataset.background,
    )


def _names(case: Case, dataset: Dataset) -> Names:
    """A case's name and, where images lie in folders of their own, where the first one does."""
    image = case.images[0]
    if dataset.layout not in TREES:
        return (case.name,)
    place = image.relative_to(dataset.folder).with_name(volume_stem(image)).as_posix()
    return case.name, place


def _volumes(folder: Path) -> dict[Path, Names]:
    """Volumes, and what they are called in the folder; a file is one."""
    if is_volume(folder):
        return {folder: (volume_stem(folder),)}
    found = files_within(folder, is_listed_volume)
    if not found:
        raise InputError("this folder holds no volume", path=folder)
    names = {path: path.relative_to(folder).with_name(volume_stem(path)) for path in found}
    return {path: (name.as_posix(),) for path, name in names.items()}
