"""The cases that a run and its folds held out, as training left them or segmented anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from torch import nn

from volseg.config import VolumeConfig, load_config
from volseg.data.volumes.datasets.dataset import Case, Dataset, read_dataset
from volseg.evaluate.volumes.pairs import VALIDATION, VolumePair
from volseg.evaluate.volumes.scores import score_cases
from volseg.io import label_suffix
from volseg.models.load import load_volume_model
from volseg.predict.volumes.model import VolumeModel
from volseg.predict.volumes.object_files import ObjectFiles
from volseg.predict.volumes.run import VolumeJob, segment_volumes
from volseg.progress import Progress
from volseg.report.held_out import check_held_out, nothing_held_out
from volseg.report.results import Results
from volseg.report.section import CaseSection
from volseg.report.volumes.case import VolumeCase
from volseg.report.volumes.results import report_volumes, score_objects
from volseg.runs.folder import CONFIG, noted_data
from volseg.runs.volumes.case_validation import is_validated
from volseg.runs.volumes.splits import split_cases


def report_held_out_volumes(
    folds: Sequence[Path],
    data: Path,
    device: str,
    progress: Progress,
    net: nn.Module | None = None,
) -> tuple[Results, list[CaseSection]]:
    """Score what every fold held out.

    Args:
        folds: their run folders, one at least.
        data: folder of the dataset.
        device: ``cpu``, ``cuda`` or ``auto``.
        progress: told how many volumes are segmented, and scored.
        net: the network of a run on one of your own.

    Raises:
        InputError: if nothing was held out, or something else than of this data.
    """
    dataset = read_dataset(data)
    cases: list[VolumeCase] = []
    with TemporaryDirectory() as scratch:
        for fold in folds:
            config = load_config(fold / CONFIG)
            assert isinstance(config, VolumeConfig)
            held_out = _held_out(fold, config, dataset)
            folder = Path(scratch) / fold.name
            load = partial(load_volume_model, fold, device, net=net)
            cases += _predictions(fold, held_out, config, folder, load, progress)
        if not cases:
            raise nothing_held_out(folds[0])
        labels = config.labels.label_map()
        if cases[0].objects:
            cases, scored, tally = score_objects(cases, labels, progress=progress)
            return report_volumes(cases, scored, labels, tally)
        scores = score_cases([case.pair for case in cases], labels, progress=progress)
        return report_volumes(cases, scores, labels)


def _held_out(fold: Path, config: VolumeConfig, dataset: Dataset) -> list[Case]:
    """The cases that a fold was validated on."""
    suffix = fold.name.removeprefix("fold_")
    number = int(suffix) if suffix.isdecimal() else None
    noted = noted_data(fold)
    names = split_cases(dataset, config.data, [number])[0][1] if noted is None else noted[1]
    held_out = [case for case in dataset.cases if case.name in names]
    check_held_out(fold, dataset.folder, [case.name for case in held_out])
    return held_out


def _predictions(
    fold: Path,
    cases: Sequence[Case],
    config: VolumeConfig,
    scratch: Path,
    load: Callable[[], VolumeModel],
    progress: Progress,
) -> list[VolumeCase]:
    """Label maps of held-out cases: those that training left, else made anew, as objects are."""
    truth, labels = config.data.objects, config.labels.label_map()
    objects = truth is not None and bool(labels.things)
    left = is_validated(fold) and not objects
    folder = fold / VALIDATION if left else scratch
    jobs = [
        VolumeJob(case.images, folder / f"{case.name}{label_suffix(case.images[0])}")
        for case in cases
    ]
    if not left and jobs:
        folder.mkdir()
        for job in jobs if objects else ():
            job.objects = ObjectFiles.of(job.target, labels)
            job.objects.check(overwrite=False)
        model = load()
        for job in segment_volumes(model, jobs, progress=progress):
            if job.error is not None:
                raise job.error
    return [
        VolumeCase(
            VolumePair(case.name, job.target, case.label, case.objects), case.images, objects, truth
        )
        for case, job in zip(cases, jobs, strict=True)
    ]
