"""``volseg report``: a page that says how good a segmentation is and shows where it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.batch import finish_pairs
from volseg_cli.labels import label_map
from volseg_cli.options import (
    Device,
    DeviceName,
    LabelField,
    Labels,
    Model,
    Overwrite,
    TruthName,
    refuse,
)

if TYPE_CHECKING:
    from volseg.errors import InputError


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
    objects: Annotated[
        bool, typer.Option("--objects", help="TRUTH: compare objects by their ids, too.")
    ] = False,
    truth_ids: Annotated[
        TruthName | None,
        typer.Option(help="Volumes: how the truth tells objects apart, as in evaluate."),
    ] = None,
    overwrite: Overwrite = False,
    device: Device = DeviceName.auto,
) -> None:
    """Write a page that says how good a segmentation is and shows where it is wrong.

    It is one HTML file that needs no network: scores, confusion, calibration, curves of training,
    a map, and the worst scans or volumes to look at. Of a run it shows what training held out; of
    a folder of folds, what every fold did.

    Example: `volseg report runs/oakland -o report.html`

    Example: `volseg report labelled tiles --model runs/oakland -o report.html`

    Example: `volseg report objects NUCLEI/labels --objects -o report.html`
    """
    from volseg._face.showing import report as write_report
    from volseg.metrics.means import score_text
    from volseg.nn.allocator import keep_freed_memory

    if truth is None:
        refuse(
            "PREDICTED and TRUTH", label_field=label_field, model=model, labels=labels,
            objects=objects or None, truth_ids=truth_ids,
        )  # fmt: skip
        keep_freed_memory()
    else:
        refuse("RUN alone", data=data)
    failed: list[InputError] = []
    with Bar() as bar:
        results = write_report(
            run,
            truth,
            out,
            data=data,
            model=model,
            labels=label_map(None, labels),
            label_field=label_field,
            objects=objects,
            truth_ids=None if truth_ids is None else truth_ids.value,
            overwrite=overwrite,
            device=device.value,
            failed=failed.append,
            progress=bar,
        )
    size = out.stat().st_size / 1e6
    found = f"mean IoU {score_text(results.mean_iou)}"
    if results.objects is not None:
        found += f"   PQ of things {score_text(results.objects.means[0])}"
    console.out.print(f"{found}   report: {out} ({size:.1f} MB)")
    finish_pairs(failed, len(results.cases) + len(failed))
