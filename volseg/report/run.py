"""A report of a training run: what it held out, segmented by what it learnt."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from torch import nn

from volseg.config import ScanConfig, load_config
from volseg.errors import InputError
from volseg.models.load import model_files
from volseg.progress import SILENT, Progress
from volseg.report.held_out import data_of
from volseg.report.log import read_log
from volseg.report.page import Subject
from volseg.report.pairs import Report
from volseg.report.scans.held_out import report_held_out_scans
from volseg.report.volumes.held_out import report_held_out_volumes
from volseg.runs.folder import CONFIG, LOG


def report_run(
    run: Path,
    data: Path | None,
    device: str,
    progress: Progress = SILENT,
    net: nn.Module | None = None,
) -> Report:
    """Score a run on what it held out, and draw it.

    Args:
        run: folder of a run, or of its folds.
        data: the data it was trained on; None for where that was then.
        device: ``cpu``, ``cuda`` or ``auto``.
        progress: told how many scans or volumes are segmented, and scored.
        net: the network of a run on one of your own.

    Raises:
        InputError: if the folder holds no run, the data is not where it was, or nothing was
            held out.
    """
    folders = _folds(run)
    config = load_config(folders[0] / CONFIG)
    data = data or data_of(folders[0])
    logs = [read_log(folder / LOG, folder.name) for folder in folders]
    if isinstance(config, ScanConfig):
        results, sections = report_held_out_scans(folders[0], config, data, device, progress, net)
    else:
        results, sections = report_held_out_volumes(folders, data, device, progress, net)
    count = len(results.cases)
    subject = Subject(
        run.absolute().name,
        f"{count} held-out {results.kind}{'s' if count != 1 else ''} of {data.name}",
        curves=tuple(log for log in logs if log is not None),
        how_sure="Predict volumes with --probabilities, and report those predictions.",
    )
    return subject, results, sections


def _folds(run: Path) -> list[Path]:
    """The folder of a run, or those of its folds."""
    with suppress(InputError):
        folders = [file.parent for file in model_files(run)]
        if all((folder / CONFIG).is_file() for folder in folders):
            return folders
    raise InputError(
        "is no folder of a training run; wanted one, or predictions with their truth: "
        "volseg report PREDICTED TRUTH",
        path=run,
    )
