"""A repaired copy of a dataset, with every change named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.checks.check import Report
from volseg.data.volumes.checks.masks import harden, soft_edges
from volseg.data.volumes.checks.mend import colour_classes, read_mended, reference
from volseg.data.volumes.datasets.cases import Case, Dataset, Problem
from volseg.data.volumes.datasets.classes import named
from volseg.data.volumes.finite import make_finite
from volseg.data.volumes.objects.files import ids_file, read_ids
from volseg.errors import InputError
from volseg.geometry.onto import lay_into, resample_onto
from volseg.geometry.volume import Orientation, Volume
from volseg.io.atomic import make_folder, replacing, write_files
from volseg.io.folders import OBJECTS_FOLDER
from volseg.io.naming import naming
from volseg.io.tables import csv_text
from volseg.io.volumes.coco import panoptic_json
from volseg.io.volumes.files import (
    read_label_volume,
    read_volume,
    read_volume_header,
    write_label_volume,
)
from volseg.io.volumes.formats import DICOM, MASKS, find_volume_format, label_suffix, volume_stem
from volseg.io.volumes.probabilities import open_probabilities
from volseg.progress import SILENT, Progress, counted

DETACHED = (".mhd", ".nhdr", ".img", ".hdr", ".img.gz", ".hdr.gz")
"""Headers whose voxels are in another file that they name: copied they would not find it."""


DONE = {
    "affine": "given its image's affine",
    "axes": "axes turned to its image's",
    "edges": "edges made sharp",
    "objects": "all objects made one class",
    "structures": "structures without a mask taken as absent",
    "round": "values rounded",
    "colours": "colours made ids, black 0",
    "crop": "laid into its image's grid",
}
MOVED = {"axes", "crop"}
"""Repairs after which a label lies on another grid than the ids of its objects."""
OBJECT: dict[str, tuple[int, ...]] = {"background": (0,), "object": (1,)}


@dataclass(frozen=True)
class CaseRepair:
    """What became of a case in the copy.

    Attributes:
        case: its name.
        done: what was changed, or why it was left out.
        kept: whether it is in the copy.
    """

    case: str
    done: str
    kept: bool = True


def check_copy(out: Path) -> None:
    """Refuse a folder that a copy may not be written to, before any work is done.

    Raises:
        InputError: if it is a file, or holds anything.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError("exists and is no empty folder; name a new one for the copy", path=out)


def repair(report: Report, out: Path, *, progress: Progress = SILENT) -> list[CaseRepair]:
    """Copy a dataset to a new folder, with what can safely be repaired repaired.

    Cases with an error that a person has to look at are left out; all others are copied. Values
    that are NaN or infinite become 0, or the image's least value where that is below 0. A label
    takes its image's affine, or its axes; sform and qform become one; masks with soft edges become
    sharp, and numbered objects one class; values near whole numbers are rounded, colours get ids,
    cut-outs are laid into their image's grid, and channels resampled to that of the label. The copy
    has nnU-Net's layout, with a `dataset.json` that lists its files.

    Args:
        report: what `check_dataset` found; the dataset itself is only read.
        out: the new folder; made where missing.
        progress: told how many cases are copied.

    Returns:
        The cases changed or left out, by name.

    Raises:
        InputError: as `check_copy`, if a file cannot be written, or no case is left.
    """
    check_copy(out)
    dataset = report.dataset
    by_case: dict[str, list[Problem]] = {}
    for problem in report.problems:
        if problem.case:
            by_case.setdefault(problem.case, []).append(problem)
    changes = [
        CaseRepair(name, f"{one.path.name} {one.message}", kept=False)
        for name, found in by_case.items()
        for one in found
        if one.severity == "error" and one.repair is None
    ]
    lost = {change.case for change in changes}
    cases = [case for case in dataset.cases if case.name not in lost]
    if not cases:
        raise InputError("no case is sound or can be repaired; nothing written", path=out)
    for folder in ("imagesTr", "labelsTr"):
        make_folder(out / folder)
    copies = []
    for case in counted(cases, "copying", len(cases), progress):
        repairs = {one.repair for one in by_case.get(case.name, []) if one.repair}
        with naming(out):
            copy, notes = _copy(case, out, repairs, report)
        copies.append(copy)
        changes += [CaseRepair(case.name, note) for note in notes]
    classes = dataset.classes or _classes(report)
    _describe(replace(dataset, cases=tuple(copies), classes=classes), out)
    return sorted(changes, key=lambda change: change.case)


def _classes(report: Report) -> dict[str, tuple[int, ...]]:
    """The classes of a copy whose dataset names none."""
    if any(problem.repair == "objects" for problem in report.problems):
        return OBJECT
    return colour_classes(report.colours) if report.colours else named(report.ids)


def _copy(
    case: Case, out: Path, repairs: Collection[str], report: Report
) -> tuple[Case, list[str]]:
    """The case with its files in the copy, and what was changed."""
    images, notes = [], []
    like = reference(case) if "grid" in repairs else case.images[0]
    for number, file in enumerate(case.images):
        stem = out / "imagesTr" / f"{case.name}_{number:04d}"
        onto = like if "grid" in repairs and file != like else None
        image, added = _copy_image(file, stem, finite="finite" in repairs, onto=onto)
        images.append(image)
        notes += added
    if "place" in repairs:
        notes += _settle(case, images)
        like, repairs = images[0], {*repairs, "affine"}
    stem = out / "labelsTr" / case.name
    label, added = _copy_label(case.label, stem, like, repairs, report)
    notes += added + _copy_ids(case, label, repairs)
    return replace(case, images=tuple(images), label=label, objects=None), notes


def _copy_image(
    file: Path, stem: Path, *, finite: bool, onto: Path | None
) -> tuple[Path, list[str]]:
    """An image, or a channel that is to lie on the grid of ``onto``."""
    rewritten = _is_several_files(file) or onto is not None
    notes = []
    if finite or rewritten:
        volume = read_volume(file)
        for number, channel in enumerate(volume.array):
            bad, value = make_finite(channel)
            if bad:
                where = f" in channel {number}" if len(volume.array) > 1 else ""
                notes.append(f"{file.name}: {bad:,} NaN or infinite voxels{where} set to {value:g}")
    if not notes and not rewritten:
        return _copy_file(file, stem), []
    if onto is not None:
        header = read_volume_header(onto)
        volume = resample_onto(volume, header.grid, header.affine)
        notes.append(f"{file.name}: resampled to the grid of {onto.name}")
    target = stem.with_name(f"{stem.name}.nii")
    with open_probabilities(target, len(volume.array), like=onto or file) as values:
        values[...] = volume.array
    return target, notes


def _settle(case: Case, copies: Sequence[Path]) -> list[str]:
    """Give copies of images whose headers contradict themselves the place that is taken."""
    notes = []
    affine = read_volume(case.images).towards(read_label_volume(case.label)).affine
    for file, copy in zip(case.images, copies, strict=True):
        if read_volume_header(copy).doubt:
            find_volume_format(copy).codec().set_place(copy, affine)
            notes.append(f"{file.name}: given one place, in sform and qform")
    return notes


def _copy_label(
    file: Path, stem: Path, image: Path, repairs: Collection[str], report: Report
) -> tuple[Path, list[str]]:
    notes = [f"{file.name}: {done}" for repair, done in DONE.items() if repair in repairs]
    if not notes and not _is_several_files(file):
        return _copy_file(file, stem), []
    target, dataset = stem.with_name(stem.name + label_suffix(image)), report.dataset
    structures = [name for name, ids in (dataset.classes or {}).items() if ids != (0,)]
    label = read_mended(file, structures, report.colours)
    if "crop" in repairs:
        header = read_volume_header(image)
        grid = np.broadcast_to(np.uint8(0), (1, *header.grid))
        label = lay_into(label, Volume(grid, header.affine))
    if "axes" in repairs:
        turned = Orientation.of(read_volume_header(image).affine).undo(label.canonical().array)
        label = Volume(turned, label.affine)
    array = label.array[0]
    if "edges" in repairs:
        array = _sharp(array, report)
    if "objects" in repairs:
        classes = dataset.classes or OBJECT
        one = next((ids[0] for ids in classes.values() if 0 not in ids), 1)
        array = np.where(np.isin(array, (0, *dataset.ignore)), array, one)
    write_label_volume(target, array, like=image)
    return target, notes


def _copy_ids(case: Case, label: Path, repairs: Collection[str]) -> list[str]:
    """Lay the ids of a case's objects, if a file has them, beside its label's copy."""
    ids = ids_file(case, "file")
    if ids is None or not ids.is_file():
        return []
    if MOVED.intersection(repairs):
        return [f"{ids.name}: left out, as its label is laid elsewhere"]
    array = read_ids(case, "file", read_label_volume(case.label).grid)
    assert array is not None
    make_folder(label.parent / OBJECTS_FOLDER)
    write_label_volume(label.parent / OBJECTS_FOLDER / label.name, array, like=label)
    return []


def _sharp(labels: NDArray[np.integer[Any]], report: Report) -> NDArray[np.int64]:
    solid = soft_edges(labels)
    assert solid is not None
    ids = np.array(report.sharp[len(solid)])
    return np.asarray(ids[np.searchsorted(solid, harden(labels, solid))])


def _copy_file(file: Path, stem: Path) -> Path:
    target = stem.with_name(stem.name + file.name[len(volume_stem(file)) :])
    with file.open("rb") as source, replacing(target) as copy:
        shutil.copyfileobj(source, copy)
    return target


def _is_several_files(path: Path) -> bool:
    """Whether a volume's voxels lie in other files than the one that is named."""
    kind = find_volume_format(path)
    coco = panoptic_json(path) is not None
    return coco or path.name.lower().endswith(DETACHED) or kind in (DICOM, MASKS)


def _describe(dataset: Dataset, out: Path) -> None:
    """Write what nnU-Net wants to know, and the groups where there are any."""

    def short(ids: Sequence[int]) -> int | list[int]:
        return ids[0] if len(ids) == 1 else list(ids)

    classes = dataset.classes or {}
    labels: dict[str, Any] = {name: short(ids) for name, ids in classes.items()}
    if dataset.overlap:
        labels = {"background": short(dataset.background or (0,)), **labels}
    if dataset.ignore:
        labels["ignore"] = short(dataset.ignore)
    files: dict[Path, bytes] = {}
    first = dataset.cases[0].images[0]
    facts: dict[str, Any] = {
        "labels": labels,
        "numTraining": len(dataset.cases),
        "file_ending": first.name[len(volume_stem(first)) :],
        "dataset": {
            case.name: {
                "images": [image.relative_to(out).as_posix() for image in case.images],
                "label": case.label.relative_to(out).as_posix(),
            }
            for case in dataset.cases
        },
    }
    if dataset.channels is not None:
        facts["channel_names"] = {str(n): name for n, name in enumerate(dataset.channels)}
    if dataset.overlap:
        facts["regions_class_order"] = [ids[0] for ids in classes.values()]
    if dataset.groups is not None:
        table = csv_text(("case", "group"), dataset.groups.items(), "\r\n")
        files[out / "groups.csv"] = table.encode()
    files[out / "dataset.json"] = json.dumps(facts, indent=1).encode()
    write_files(files, overwrite=False)
