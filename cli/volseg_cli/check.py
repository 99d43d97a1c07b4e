"""``volseg check``: every problem of a dataset of volumes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.labels import label_map
from volseg_cli.options import AsJson, Labels, Series, Truth

if TYPE_CHECKING:
    from volseg.data.volumes.checks.check import Report


def check(
    dataset: Annotated[
        Path, typer.Argument(metavar="DATASET", help="A dataset's folder, or a CSV file of pairs.")
    ],
    fix: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT", help="Write a copy to this new folder, repaired where that is safe."
        ),
    ] = None,
    labels: Labels = None,
    series: Series = None,
    objects: Truth = None,
    as_json: AsJson = False,
) -> None:
    """List every problem of a dataset of images and labels, with remedies.

    Exits with 2 if one of them would break training.

    Example: `volseg check Task04_Hippocampus --fix repaired`

    Example: `volseg check nuclei --objects ids`
    """
    from volseg._face.training import check as look
    from volseg.data.volumes.checks.repair import check_copy
    from volseg.errors import InputError

    if as_json and fix is not None:
        raise InputError("--json lists problems alone; leave out --fix")
    if fix is not None:
        check_copy(fix)
    known = label_map(None, labels)
    with Bar() as bar:
        report = look(
            dataset, labels=known, series=series, progress=bar,
            objects=None if objects is None else objects.value,
        )  # fmt: skip
    if as_json:
        console.say_json(_facts(report))
    else:
        _print(report)
    if fix is not None:
        _fix(report, fix)
    if report.broken:
        raise typer.Exit(2)


def _facts(report: Report) -> dict[str, Any]:
    problems = [
        {
            "case": one.case, "severity": one.severity, "file": one.path.name,
            "problem": one.message, "remedy": one.remedy,
        }
        for one in report.problems
    ]  # fmt: skip
    return {"summary": report.summary(), "problems": problems}


def _print(report: Report) -> None:
    if report.problems:
        rows = console.table("case", "severity", "problem", "remedy")
        for column in rows.columns:
            column.justify = "left"
        for one in report.problems:
            problem = f"{one.path.name}: {one.message}"
            rows.add_row(one.case or "all", one.severity, problem, one.remedy)
        console.show(rows)
    console.out.print(report.summary())
    if report.note:
        console.note(report.note)


def _fix(report: Report, out: Path) -> None:
    from volseg.data.volumes.checks.repair import repair

    with Bar() as bar:
        changes = repair(report, out, progress=bar)
    say = console.out.print
    say(f"\ncopied to {out}, with these changes:" if changes else f"\ncopied to {out}, unchanged")
    for change in changes:
        say(f"{change.case}  {'' if change.kept else 'left out: '}{change.done}")
