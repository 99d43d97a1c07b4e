"""A report of files against files: predictions and truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.errors import InputError
from volseg.evaluate.pairing import Failed, tell
from volseg.evaluate.pairs import pair_predictions
from volseg.evaluate.scans.pairs import ScanPairs
from volseg.evaluate.volumes.objects import ONE_CLASS
from volseg.evaluate.volumes.pairs import VolumePairs
from volseg.evaluate.volumes.scores import every_id as every_voxel_id
from volseg.evaluate.volumes.scores import score_cases
from volseg.geometry.labels import LabelMap
from volseg.progress import SILENT, Progress, counted
from volseg.report.page import Subject
from volseg.report.results import Results
from volseg.report.scans.results import every_id, read_cases, report_scans
from volseg.report.section import CaseSection
from volseg.report.volumes.case import VolumeCase
from volseg.report.volumes.results import report_volumes, score_objects

Report = tuple[Subject, Results, list[CaseSection]]


def report_pairs(
    predicted: Path,
    truth: Path,
    labels: LabelMap | None,
    label_field: str | None = None,
    *,
    objects: bool = False,
    truth_ids: ObjectTruth | None = None,
    failed: Failed | None = None,
    progress: Progress = SILENT,
) -> Report:
    """Scans point by point, or label volumes case by case.

    Args:
        predicted: a scan, a label volume, or a folder.
        truth: the same, or a dataset, which names the images, too.
        labels: the classes; without them those of the dataset, or every id.
        label_field: scans: of the truth.
        objects: whether objects are compared, too; without ``labels`` each id of label volumes is
            one.
        truth_ids: volumes: how the truth tells them apart, where its files do not show it.
        failed: told of files that cannot be used, which are left out.
        progress: told how many cases are scored.

    Raises:
        InputError: naming the file that cannot be used, where nobody is told, or if none can; or
            if there is a label field of volumes.
    """
    found = pair_predictions(predicted, truth)
    for error in found.failed:
        tell(error, failed)
    if not found.pairs:
        raise InputError("none of its files can be scored", path=predicted)
    if isinstance(found, ScanPairs):
        results, sections = _report_scans(
            found, labels, failed, progress, label_field=label_field, objects=objects
        )
        how = "Predict with --confidence, so that they do (not all formats can)."
    elif label_field is not None:
        raise InputError("label_field goes with scans", path=truth)
    else:
        pick = _report_objects if objects else _report_volumes
        results, sections = pick(found, labels, truth_ids, failed, progress)
        how = "Predict with --probabilities, so that they do."
    return _subject(predicted, truth, found.alone, how), results, sections


def _report_scans(
    found: ScanPairs,
    labels: LabelMap | None,
    failed: Failed | None,
    progress: Progress,
    *,
    label_field: str | None,
    objects: bool,
) -> tuple[Results, list[CaseSection]]:
    quiet = failed and _silent
    labels = labels or every_id(found.pairs, label_field, quiet, objects=objects)
    read = read_cases(found.pairs, labels, label_field, failed, objects=objects)
    cases = counted(read, "scoring", len(found.pairs), progress)
    return report_scans(cases, labels, len(found.pairs), objects=objects)


def _report_objects(
    found: VolumePairs,
    labels: LabelMap | None,
    truth_ids: ObjectTruth | None,
    failed: Failed | None,
    progress: Progress,
) -> tuple[Results, list[CaseSection]]:
    own = found.labels if found.labels is not None and found.labels.things else ONE_CLASS
    labels = labels or own
    every = [
        VolumeCase(pair, found.images.get(pair.name, ()), True, truth_ids) for pair in found.pairs
    ]
    cases, scores, tally = score_objects(every, labels, failed, progress)
    if not cases:
        raise _nothing(found)
    return report_volumes(cases, scores, labels, tally)


def _report_volumes(
    found: VolumePairs,
    labels: LabelMap | None,
    truth_ids: ObjectTruth | None,
    failed: Failed | None,
    progress: Progress,
) -> tuple[Results, list[CaseSection]]:
    labels = labels or found.labels or every_voxel_id(found.pairs, failed and _silent)
    scores = list(score_cases(found.pairs, labels, failed=failed, progress=progress))
    scored = {one.name for one in scores}
    pairs = [pair for pair in found.pairs if pair.name in scored]
    cases = [VolumeCase(pair, found.images.get(pair.name, ())) for pair in pairs]
    if not cases:
        raise _nothing(found)
    return report_volumes(cases, scores, labels)


def _nothing(found: VolumePairs) -> InputError:
    return InputError("none of its volumes can be scored", path=found.pairs[0].predicted.parent)


def _silent(error: InputError) -> None:
    """A file that cannot be used is told of when it is scored."""


def _subject(predicted: Path, truth: Path, alone: Sequence[str], how_sure: str) -> Subject:
    notes = []
    if alone:
        shown = ", ".join(alone[:6]) + (" and more" if len(alone) > 6 else "")
        notes.append(f"{len(alone)} of the truth have no prediction: {shown}.")
    return Subject(_named(predicted), _named(truth), tuple(notes), how_sure=how_sure)


def _named(path: Path) -> str:
    return path.name or path.absolute().name
