"""Which predicted label volume belongs to which truth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from volseg.data.volumes.datasets.cases import Case, Dataset
from volseg.data.volumes.datasets.classes import background_first
from volseg.data.volumes.datasets.dataset import TREES, find_reader, read_dataset
from volseg.data.volumes.datasets.described import DESCRIPTION
from volseg.errors import InputError
from volseg.evaluate.pairing import Names, pair_paths
from volseg.geometry.class_colours import class_colours
from volseg.geometry.labels import LabelMap
from volseg.io import is_scan
from volseg.io.folders import OBJECTS_FOLDER, files_within
from volseg.io.volumes.coco import is_panoptic
from volseg.io.volumes.formats import is_listed_volume, is_volume, volume_stem

VALIDATION = "validation"
"""The folder of a run that holds predictions of the cases it held out."""


@dataclass(frozen=True)
class VolumePair:
    """A case: its name, and the files of its predicted and its true labels.

    Attributes:
        name: of the case.
        predicted: file of its predicted labels.
        truth: file of its true ones.
        objects: file of the ids of its true objects, where a dataset names one.
    """

    name: str
    predicted: Path
    truth: Path
    objects: Path | None = None


@dataclass(frozen=True)
class VolumeTruth:
    """True label volumes, and what they say besides.

    Attributes:
        files: their files, and what each goes by.
        labels: the classes a dataset names, or None.
        images: of a dataset, the image files of every case.
        objects: of a dataset, the file of the ids of objects of each file that has one.
    """

    files: dict[Path, Names]
    labels: LabelMap | None = None
    images: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    objects: dict[Path, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class VolumePairs:
    """Predicted and true label volumes that belong together.

    Attributes:
        pairs: the cases.
        alone: names of the truths without a prediction.
        failed: what has no partner, or more than one.
        labels: the classes the truth names, or None.
        images: of a truth that is a dataset, the image files of every case.
        folds: the fold of every case, where the prediction is a run of several; else empty.
    """

    pairs: tuple[VolumePair, ...]
    alone: tuple[str, ...]
    failed: tuple[InputError, ...]
    labels: LabelMap | None
    images: dict[str, tuple[Path, ...]]
    folds: dict[str, str] = field(default_factory=dict)


def find_truth(predicted: Path, truth: Path) -> VolumeTruth | None:
    """What a truth of volumes is: a file, a folder of more volumes than scans, or a dataset.

    None where it is none; a table of pairs is one of volumes where the prediction is.

    Raises:
        InputError: if it is a dataset that cannot be read.
    """
    if is_volume(truth):
        return VolumeTruth(_volumes(truth))
    if truth.is_dir():
        is_dataset = find_reader(truth) is not None
    else:
        is_list = truth.suffix.lower() == ".csv" or truth.name == DESCRIPTION
        is_dataset = is_panoptic(truth) or (is_list and _holds_volumes(predicted))
    if is_dataset:
        return _dataset_truth(read_dataset(truth))
    return VolumeTruth(_volumes(truth)) if _holds_volumes(truth) else None


def pair_volumes(predicted: Path, truth: Path, found: VolumeTruth) -> VolumePairs:
    """Pairs of predicted and true label volumes.

    Two files are a pair whatever their names. Those of folders, and of the folders in them, are
    matched by their names without suffixes, then as `pair_files` says; ``a_probabilities`` and
    ``a_preview.png`` beside ``a`` are left out. Of a run of several folds what each held out is
    the prediction. A truth that is a dataset gives the labels of its
    cases, and its classes.

    Raises:
        InputError: if the prediction holds no volume, or one true volume has no partner.
    """
    # Once for the name of a truth, and once for where its image lies in a dataset.
    runs = fold_folders(predicted)
    fold_of = {path: fold for fold, folder in runs.items() for path in _volumes(folder)}
    found_in = [_volumes(folder) for folder in runs.values()] or [_volumes(predicted)]
    guesses = {path: (name, name) for files in found_in for path, (name,) in files.items()}
    files, failed = pair_paths(predicted, guesses, truth, found.files)
    used = {path for _, path in files}
    return VolumePairs(
        tuple(
            VolumePair(found.files[path][0], guess, path, found.objects.get(path))
            for guess, path in files
        ),
        tuple(names[0] for path, names in found.files.items() if path not in used),
        tuple(failed),
        found.labels,
        found.images,
        {found.files[path][0]: fold_of[guess] for guess, path in files if guess in fold_of},
    )


def fold_folders(run: Path) -> dict[str, Path]:
    """The folders of predictions in a run, by the names of its folds; none where it is no run."""
    found = sorted(run.glob(f"fold_*/{VALIDATION}"))
    return {folder.parent.name: folder for folder in found if folder.is_dir()}


def _holds_volumes(path: Path) -> bool:
    """Whether a path is a volume, or a folder of more volumes than scans."""
    if is_volume(path) or not path.is_dir():
        return is_volume(path) or is_panoptic(path)
    volumes, scans = (len(files_within(path, kind)) for kind in (is_volume, is_scan))
    return volumes > scans


def _dataset_truth(dataset: Dataset) -> VolumeTruth:
    files = {case.label: _names(case, dataset) for case in dataset.cases}
    images = {case.name: case.images for case in dataset.cases}
    objects = {case.label: case.objects for case in dataset.cases if case.objects is not None}
    return VolumeTruth(files, _labels_of(dataset), images, objects)


def _labels_of(dataset: Dataset) -> LabelMap | None:
    """The classes a dataset names, the background among them and first."""
    if dataset.classes is None:
        return None
    classes = dataset.classes
    known = {raw for ids in classes.values() for raw in ids} | set(dataset.ignore)
    if not dataset.overlap and 0 not in known:
        classes = {"background": (0,)} | classes
    if not dataset.overlap:
        classes = background_first(classes)
    labels = LabelMap.of(
        classes,
        class_colours([(name, None) for name in classes]),
        ignore=dataset.ignore,
        overlap=dataset.overlap,
        background=dataset.background,
    )
    things = dataset.things or ()
    own = (replace(entry, thing=entry.name in things) for entry in labels.classes)
    return replace(labels, classes=tuple(own))


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
    if is_panoptic(folder):
        folder = folder.with_suffix("")
    every = files_within(folder, is_listed_volume)
    beside = {objects_file(path) for path in every}
    found = [path for path in every if path not in beside]
    if not found:
        raise InputError("this folder holds no volume", path=folder)
    names = {path: path.relative_to(folder).with_name(volume_stem(path)) for path in found}
    return {path: (name.as_posix(),) for path, name in names.items()}


def objects_file(path: Path) -> Path | None:
    """The file of the ids of objects that lies beside a label file, in a folder ``objects``."""
    beside = path.parent / OBJECTS_FOLDER / path.name
    return beside if beside.is_file() else None
