"""What a training run held out, segmented by what it learnt, for a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from volseg.config import ScanConfig, VolumeConfig, load_config
from volseg.data.scans.samples import Scan
from volseg.data.scans.store import CachedScan
from volseg.data.volumes.datasets.dataset import Case, Dataset, read_dataset
from volseg.errors import InputError
from volseg.evaluate.volumes.pairs import VolumePair
from volseg.evaluate.volumes.scores import score_cases
from volseg.geometry.labels import IGNORE
from volseg.io import label_suffix
from volseg.io.scans.pieces import extent_of
from volseg.models.load import load_scan_model, load_volume_model, model_files
from volseg.predict.scans.model import ScanModel
from volseg.predict.volumes.run import VolumeJob, segment_volumes
from volseg.progress import SILENT, Progress, counted
from volseg.report.log import read_log
from volseg.report.page import Subject
from volseg.report.pairs import Report
from volseg.report.results import Results
from volseg.report.scans.results import report_scans
from volseg.report.scans.section import ScanCase
from volseg.report.section import CaseSection
from volseg.report.volumes.results import report_volumes
from volseg.report.volumes.section import VolumeCase
from volseg.runs.folder import CONFIG, LOG, noted_data
from volseg.runs.scans.training import load_held_out
from volseg.runs.volumes.cases import VALIDATION, is_validated
from volseg.runs.volumes.splits import split_cases


def report_run(run: Path, data: Path | None, device: str, progress: Progress = SILENT) -> Report:
    """Score a run on what it held out, and draw it.

    Args:
        run: folder of a run, or of its folds.
        data: the data it was trained on; None for where that was then.
        device: ``cpu``, ``cuda`` or ``auto``.
        progress: told how many scans or volumes are segmented, and scored.

    Raises:
        InputError: if the folder holds no run, the data is not where it was, or nothing was
            held out.
    """
    places = _places(run)
    first = load_config(places[0] / CONFIG)
    folder = data or _data_of(places[0])
    logs = [read_log(place / LOG, place.name) for place in places]
    curves = tuple(one for one in logs if one is not None)
    if isinstance(first, ScanConfig):
        results, sections = _scans(places[0], first, folder, device, progress)
    else:
        results, sections = _volumes(places, folder, device, progress)
    many = len(results.cases)
    words = f"{many} held-out {results.kind}{'s' if many != 1 else ''} of {folder.name}"
    how = "Predict volumes with --probabilities, and report those predictions."
    return Subject(run.absolute().name, words, curves=curves, how_sure=how), results, sections


def _places(run: Path) -> list[Path]:
    """The folder of a run, or those of its folds."""
    with suppress(InputError):
        places = [file.parent for file in model_files(run)]
        if all((place / CONFIG).is_file() for place in places):
            return places
    raise InputError(
        "is no folder of a training run; wanted one, or predictions with their truth: "
        "volseg report PREDICTED TRUTH",
        path=run,
    )


def _scans(
    place: Path, config: ScanConfig, folder: Path, device: str, progress: Progress
) -> tuple[Results, list[CaseSection]]:
    model = load_scan_model(place, device)
    with TemporaryDirectory() as cache:
        scans = load_held_out(config, folder, Path(cache))
        if not scans:
            raise _nothing_held_out(place)
        _check_same(place, folder, [scan.name for scan in scans])

        def segmented() -> Iterator[ScanCase]:
            for scan in counted(scans, "segmenting", len(scans), progress):
                yield _segmented(model, scan, folder)

        return report_scans(segmented(), model.labels, len(scans))


def _whole(scan: CachedScan) -> Scan:
    """All points of a scan in memory."""
    parts = [part for _, part in scan.blocks()]
    labels = [part.labels for part in parts if part.labels is not None]
    return Scan(
        scan.name,
        np.concatenate([part.metres for part in parts]),
        {
            name: np.concatenate([part.attributes[name] for part in parts])
            for name in parts[0].attributes
        },
        np.concatenate(labels),
    )


def _segmented(model: ScanModel, scan: CachedScan, folder: Path) -> ScanCase:
    """A held-out scan as training scores it: points of no certain class are ignored."""
    part = _whole(scan)
    assert part.labels is not None
    predicted, confidence = model.classify(part)
    truth = np.where(part.labels < len(model.labels), part.labels, IGNORE)
    place = extent_of(folder / scan.name)
    crs = None if place is None else place.crs
    return ScanCase(scan.name, part.metres, truth, predicted, confidence, crs)


def _volumes(
    places: Sequence[Path], folder: Path, device: str, progress: Progress
) -> tuple[Results, list[CaseSection]]:
    dataset = read_dataset(folder)
    cases: list[VolumeCase] = []
    with TemporaryDirectory() as scratch:
        for place in places:
            config = load_config(place / CONFIG)
            assert isinstance(config, VolumeConfig)
            held = _held_out(place, config, dataset)
            cases += _predictions(place, held, Path(scratch) / place.name, device, progress)
        if not cases:
            raise _nothing_held_out(places[0])
        labels = config.labels.label_map()
        scores = score_cases([one.pair for one in cases], labels, progress=progress)
        return report_volumes(cases, scores, labels)


def _held_out(place: Path, config: VolumeConfig, dataset: Dataset) -> list[Case]:
    """The cases that a fold was validated on."""
    number = place.name.removeprefix("fold_")
    fold = int(number) if number.isdecimal() else None
    noted = noted_data(place)
    names = split_cases(dataset, config, [fold])[0][1] if noted is None else noted[1]
    held = [case for case in dataset.cases if case.name in names]
    _check_same(place, dataset.folder, [case.name for case in held])
    return held


def _predictions(
    place: Path, cases: Sequence[Case], scratch: Path, device: str, progress: Progress
) -> list[VolumeCase]:
    """Label maps of held-out cases: those that training left, else made anew."""
    left = is_validated(place)
    folder = place / VALIDATION if left else scratch
    jobs = [
        VolumeJob(case.images, folder / f"{case.name}{label_suffix(case.images[0])}")
        for case in cases
    ]
    if not left and jobs:
        folder.mkdir()
        model = load_volume_model(place, device)
        for job in segment_volumes(model, jobs, progress=progress):
            if job.error is not None:
                raise job.error
    made = []
    for case, job in zip(cases, jobs, strict=True):
        made.append(VolumeCase(VolumePair(case.name, job.target, case.label), case.images))
    return made


def _data_of(place: Path) -> Path:
    """Where the data of a run was when it was trained.

    Raises:
        InputError: if the run does not say, or the data is there no more.
    """
    noted = noted_data(place)
    if noted is None:
        raise InputError("does not say what it was trained on; name that by --data", path=place)
    if not noted[0].exists():
        raise InputError(
            f"was trained on {noted[0]}, which is not there now; name the data by --data",
            path=place,
        )
    return noted[0]


def _check_same(place: Path, folder: Path, names: Sequence[str]) -> None:
    """Refuse data of which something else would be held out than in training."""
    noted = noted_data(place)
    if noted is None or sorted(noted[1]) == sorted(names):
        return
    differ = sorted(set(noted[1]).symmetric_difference(names))
    raise InputError(
        f"is not what {place} was trained on: what is held out differs by {', '.join(differ[:3])}"
        f"{' and more' if len(differ) > 3 else ''}; name that data by --data",
        path=folder,
    )


def _nothing_held_out(place: Path) -> InputError:
    return InputError(
        "held nothing out to score; compare predictions with truth instead: "
        "volseg report PREDICTED TRUTH",
        path=place,
    )
