"""``volseg evaluate``: per-class IoU of predictions against the truth."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from volseg_cli import console
from volseg_cli.labels import label_map
from volseg_cli.options import LabelField, Labels, Model, Overwrite
from volseg_cli.scores import print_scores


class Absent(StrEnum):
    """How a class in neither truth nor prediction counts."""

    nan = "nan"
    zero = "zero"


def evaluate(
    predicted: Annotated[Path, typer.Argument(metavar="PREDICTED", help="A scan or a folder.")],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="A scan or a folder.")],
    model: Model = None,
    labels: Labels = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all figures to this file.")
    ] = None,
    absent: Annotated[
        Absent, typer.Option(help="A class nobody has: left out (nan), or counted as 0 (zero).")
    ] = Absent.nan,
    label_field: LabelField = None,
    overwrite: Overwrite = False,
) -> None:
    """Compare predictions with the truth, point by point.

    Folders are matched by file name. Without --model or --labels every id is a class.

    Example: `volseg evaluate labelled tiles --model runs/oakland --json scores.json`
    """
    from volseg.inference.compare import compare, match
    from volseg.io.atomic import check_target

    if json_file is not None:
        check_target(json_file, overwrite=overwrite)
    pairs, unmatched = match(predicted, truth)
    if unmatched:
        alone = console.several([one.name for one in unmatched])
        console.note(f"{len(unmatched)} of the truth's scans have no prediction: {alone}")
    names, confusion = compare(pairs, label_map(model, labels), label_field=label_field)
    print_scores(names, confusion.scores(absent=absent.value))
    if json_file is not None:
        import json

        from volseg.io.atomic import replacing

        text = json.dumps(confusion.to_json(names, absent=absent.value), indent=2)
        with replacing(json_file, overwrite=overwrite) as file:
            file.write(text.encode())
