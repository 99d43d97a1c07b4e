"""A report of files against files: predictions and truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.errors import InputError
from volseg.evaluate.pairing import Failed
from volseg.evaluate.scans.scores import match
from volseg.evaluate.volumes.pairs import pair_volumes
from volseg.evaluate.volumes.scores import every_id as every_voxel_id
from volseg.evaluate.volumes.scores import score_cases
from volseg.geometry.labels import LabelMap
from volseg.progress import SILENT, Progress, counted
from volseg.report.page import Subject
from volseg.report.results import Results
from volseg.report.scans.results import every_id, read_cases, report_scans
from volseg.report.section import CaseSection
from volseg.report.volumes.results import report_volumes
from volseg.report.volumes.section import VolumeCase

Report = tuple[Subject, Results, list[CaseSection]]


def report_scan_pairs(
    predicted: Path,
    truth: Path,
    labels: LabelMap | None,
    label_field: str | None,
    failed: Failed | None = None,
    progress: Progress = SILENT,
) -> Report:
    """Scans point by point; see `volseg.evaluate.scans.scores`.

    Args:
        predicted: a scan or a folder.
        truth: a scan or a folder.
        labels: the classes; without them every id is one.
        label_field: of the truth.
        failed: told of files that cannot be used, which are left out.
        progress: told how many cases are scored.

    Raises:
        InputError: naming the file that cannot be used, where nobody is told, or if none can.
    """
    pairs, alone = match(predicted, truth, failed)
    labels = labels or every_id(pairs, label_field, failed and _silent)
    read = read_cases(pairs, labels, label_field, failed)
    cases = counted(read, "scoring", len(pairs), progress)
    results, sections = report_scans(cases, labels, len(pairs))
    how = "Predict with --confidence, so that they do (not all formats can)."
    return _subject(predicted, truth, [one.name for one in alone], how), results, sections


def report_volume_pairs(
    predicted: Path,
    truth: Path,
    labels: LabelMap | None,
    failed: Failed | None = None,
    progress: Progress = SILENT,
) -> Report:
    """Label volumes case by case; see `volseg.evaluate.volumes.scores`.

    Args:
        predicted: a label volume or a folder.
        truth: a label volume, a folder, or a dataset, which names the images, too.
        labels: the classes; without them those of the dataset, or every id.
        failed: told of files that cannot be used, which are left out.
        progress: told how many cases are scored.

    Raises:
        InputError: naming the file that cannot be used, where nobody is told, or if none can.
    """
    pairs, alone, own = pair_volumes(predicted, truth, failed)
    labels = labels or own or every_voxel_id(pairs, failed and _silent)
    images = _images(truth)
    scores = list(score_cases(pairs, labels, failed=failed, progress=progress))
    scored = {one.name for one in scores}
    cases = [VolumeCase(one, images.get(one.name, ())) for one in pairs if one.name in scored]
    if not cases:
        raise InputError("none of its volumes can be scored", path=predicted)
    results, sections = report_volumes(cases, scores, labels)
    how = "Predict with --probabilities, so that they do."
    return _subject(predicted, truth, alone, how), results, sections


def _silent(error: InputError) -> None:
    """A file that cannot be used is told of when it is scored."""


def _images(truth: Path) -> dict[str, tuple[Path, ...]]:
    """The images of a dataset by case; none of files of labels alone."""
    try:
        return {case.name: case.images for case in read_dataset(truth).cases}
    except InputError:
        return {}


def _subject(predicted: Path, truth: Path, alone: Sequence[str], how_sure: str) -> Subject:
    notes = []
    if alone:
        shown = ", ".join(alone[:6]) + (" and more" if len(alone) > 6 else "")
        notes.append(f"{len(alone)} of the truth have no prediction: {shown}.")
    return Subject(_named(predicted), _named(truth), tuple(notes), how_sure=how_sure)


def _named(path: Path) -> str:
    return path.name or path.absolute().name
