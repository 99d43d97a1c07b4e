"""``volseg report``: a page that says how good a segmentation is and shows where it is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volseg_cli import console
from volseg_cli.batch import finish_pairs
from volseg_cli.evaluate import holds_volumes
from volseg_cli.labels import label_map
from volseg_cli.options import Device, DeviceName, LabelField, Labels, Model, Overwrite

if TYPE_CHECKING:
    from volseg.errors import InputError
    from volseg.report.pairs import Report


def report(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN | PREDICTED", help="A run folder; or, with TRUTH, a file or folder."
        ),
    ],
    truth: Annotated[
        Path | None,
        typer.Argument(metavar="[TRUTH]", help="A scan, a label volume, a folder, a dataset."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The page.")] = Path("report.html"),
    data: Annotated[
        Path | None, typer.Option(help="RUN: its data, if that is elsewhere now.")
    ] = None,
    model: Model = None,
    labels: Labels = None,
    label_field: LabelField = None,
    overwrite: Overwrite = False,
    device: Device = DeviceName.auto,
) -> None:
    """Write a page that says how good a segmentation is and shows where it is wrong.

    It is one HTML file that needs no network: scores, confusion, calibration, curves of training,
    a map, and the worst scans or volumes to look at. Of a run it shows what training held out; of
    a folder of folds, what every fold did.

    Example: `volseg report runs/oakland -o report.html`

    Example: `volseg report labelled tiles --model runs/oakland -o report.html`
    """
    from volseg.io.atomic import check_target, replacing
    from volseg.report.page import build_page

    check_target(out, overwrite=overwrite)
    failed: list[InputError] = []
    if truth is None:
        _refuse(label_field=label_field, model=model, labels=labels)
        subject, results, scenes = _run(run, data, device.value)
    else:
        _refuse(data=data)
        subject, results, scenes = _pairs(run, truth, (model, labels), label_field, failed)
    if failed:
        lines = tuple(f"Left out: {error}" for error in failed)
        subject = replace(subject, notes=(*subject.notes, *lines))
    page = build_page(subject, results, scenes)
    with replacing(out, overwrite=overwrite) as file:
        file.write(page)
    console.out.print(
        f"mean IoU {console.fraction(results.mean_iou)}   report: {out} ({len(page) / 1e6:.1f} MB)",
        highlight=False,
    )
    finish_pairs(failed, len(results.cases) + len(failed))


def _refuse(**options: object) -> None:
    """Options that would change nothing here."""
    from volseg.errors import InputError

    for name, value in options.items():
        if value is not None:
            other = "RUN alone" if name == "data" else "PREDICTED and TRUTH"
            raise InputError(f"--{name.replace('_', '-')} goes with {other}")


def _run(run: Path, data: Path | None, device: str) -> Report:
    from volseg.builders.reporting import report_run
    from volseg.nn.allocator import keep_freed_memory

    keep_freed_memory()
    with console.progress() as bar:
        task = bar.add_task("reading")

        def tick(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        return report_run(run, data, device, tick)


def _pairs(
    predicted: Path,
    truth: Path,
    classes: tuple[Path | None, Path | None],
    label_field: str | None,
    failed: list[InputError],
) -> Report:
    from volseg.errors import InputError
    from volseg.report.pairs import report_scan_pairs, report_volume_pairs

    with console.progress() as bar:

        def tick(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        task = bar.add_task("reading")
        if not holds_volumes(predicted if truth.suffix.lower() == ".csv" else truth):
            return report_scan_pairs(
                predicted, truth, label_map(*classes), label_field, tick, failed.append
            )
        if label_field is not None:
            raise InputError("--label-field goes with scans", path=truth)
        return report_volume_pairs(predicted, truth, label_map(*classes), tick, failed.append)
