"""``volseg evaluate``: predictions against the truth, scans by points, volumes by cases."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.batch import finish_pairs, say_alone
from volseg_cli.labels import label_map
from volseg_cli.options import (
    Columns,
    LabelField,
    Labels,
    Model,
    Overwrite,
    TruthName,
    names_of,
    refuse,
)
from volseg_cli.outputs import Outputs

if TYPE_CHECKING:
    from volseg.evaluate.scans.pairs import ScanPairs
    from volseg.evaluate.volumes.pairs import VolumePairs
    from volseg.geometry import LabelMap


class Absent(StrEnum):
    """How a class that the truth does not have counts."""

    nan = "nan"
    zero = "zero"


Predicted = Annotated[
    Path, typer.Argument(metavar="PREDICTED", help="A scan, a label volume, or a folder.")
]
TruthPath = Annotated[
    Path, typer.Argument(metavar="TRUTH", help="A scan, a label volume, a folder, a dataset.")
]
Surface = Annotated[bool, typer.Option("--surface", help="Volumes: HD95 and surface Dice too.")]
Tolerance = Annotated[
    float | None,
    typer.Option(min=0, metavar="MM", help="Volumes: that of the surface Dice; 1 if not given."),
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write all figures to this file.")]
CsvFile = Annotated[
    Path | None, typer.Option("--csv", help="Volumes, objects: write a row a case and class.")
]
SummaryFile = Annotated[
    Path | None,
    typer.Option("--summary", help="Volumes: write means as CSV, a row a fold and class."),
]
Plot = Annotated[
    Path | None,
    typer.Option(metavar="PNG|FOLDER", help="Draw the confusion matrix and IoU bars."),
]
AbsentClasses = Annotated[
    Absent,
    typer.Option(help="Scans: classes not in the truth: left out (nan), or scored 0 (zero)."),
]
Objects = Annotated[
    bool, typer.Option("--objects", help="Compare objects by their ids, instead of classes.")
]
Distance = Annotated[
    float | None,
    typer.Option(
        metavar="M", help="Objects: match centres too, within metres in plan (volumes: mm)."
    ),
]
TruthIds = Annotated[
    TruthName | None,
    typer.Option(help="Objects of volumes: how label files of the truth tell them apart."),
]
MinPoints = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Objects: SemanticKITTI's rules, with its min_points."),
]


def evaluate(
    predicted: Predicted,
    truth: TruthPath,
    model: Model = None,
    labels: Labels = None,
    surface: Surface = False,
    tolerance: Tolerance = None,
    json_file: JsonFile = None,
    csv_file: CsvFile = None,
    summary: SummaryFile = None,
    plot: Plot = None,
    absent: AbsentClasses = Absent.nan,
    objects: Objects = False,
    distance: Distance = None,
    truth_ids: TruthIds = None,
    min_points: MinPoints = None,
    label_field: LabelField = None,
    columns: Columns = None,
    overwrite: Overwrite = False,
) -> None:
    """Compare predictions with the truth: scans point by point, volumes case by case.

    Folders, and the folders in them, are matched by file name, also where names have a word more
    (`a.png`, `a_mask.png`) or differ by words that all share (`21_training.tif`, `21_manual1.gif`).
    A file that cannot be used costs its pair alone. Without --model or --labels the classes are
    those of the model that scans say they were predicted by, where it is at hand, or those that a
    dataset names as TRUTH; else every id is one.

    Of volumes, every figure is a mean over the cases that have the class in truth or prediction:
    where it is in one of them only, Dice is 0 and HD95 infinite. Distances are millimetres,
    pixels for images; a surface element weighs its area. Ignored voxels count nowhere.

    A class that is predicted and nowhere in the truth is marked, and no mean includes it: what it
    took from other classes lowers theirs.

    The picture has a row a class: what became of the truth, in percent (of volumes, of all voxels
    together), its IoU as in the table, and its support. In a folder it is `scores.png`.

    Example: `volseg evaluate labelled tiles --model runs/oakland --json scores.json --plot .`

    With --objects those of one class match where their IoU is above 0.5: PQ is the mean IoU of the
    matches (SQ) times F1 (RQ), AP50 is TP / (TP + FP + FN). Scans have ids of objects in a field
    (`instance`), label images in their values, as class times 1000 and a number, or in files of
    the same names in a folder `objects` beside them. Objects not matched are missed or false;
    split if they are several in the prediction, merged if several are one.

    Example: `volseg evaluate labelled streets --objects --distance 2`

    Example: `volseg evaluate predicted Task04_Hippocampus --surface --csv cases.csv`

    A run of several folds as PREDICTED stands for what each of them held out: a second table has
    the Dice of every fold, and how far they differ.

    Example: `volseg evaluate runs/mri Task04_Hippocampus --surface --summary folds.csv`
    """
    from volseg.evaluate.pairs import pair_predictions
    from volseg.evaluate.scans.pairs import ScanPairs

    out = Outputs.of(json_file, csv_file, plot, overwrite, summary)
    pairs = pair_predictions(predicted, truth)
    scans = [guess for guess, _ in pairs.pairs] if isinstance(pairs, ScanPairs) else []
    if objects:
        beside = {"surface": surface, "tolerance": tolerance, "plot": plot, "summary": summary}
        refuse("classes, not with --objects", truth, **beside)
        refuse("volumes", truth, truth_ids=bool(scans) and truth_ids)
        from volseg_cli.evaluate_objects import score_objects

        score_objects(
            pairs, label_map(model, labels, predicted=scans), out, min_points=min_points,
            absent=absent.value, distance=distance, label_field=label_field,
            truth_ids=None if truth_ids is None else truth_ids.value, columns=names_of(columns),
        )  # fmt: skip
        return
    refuse("--objects", truth, distance=distance, truth_ids=truth_ids, min_points=min_points)
    if isinstance(pairs, ScanPairs):
        refuse(
            "volumes", truth, surface=surface, tolerance=tolerance, csv=csv_file, summary=summary
        )
        classes = label_map(model, labels, predicted=scans)
        _scans(pairs, classes, out, absent, label_field, names_of(columns))
        return
    refuse(
        "scans", truth,
        label_field=label_field, columns=columns, absent=absent is not Absent.nan,
    )  # fmt: skip
    if not surface:
        refuse("--surface", tolerance=tolerance)
    wanted = (1.0 if tolerance is None else tolerance) if surface else None
    _volumes(pairs, label_map(model, labels), wanted, out)


def _by_id(names: tuple[str, ...], *, asprs: bool) -> LabelMap:
    """Classes that are raw ids, with the names and colours that the window gives them."""
    import numpy as np

    from volseg.geometry import LabelMap
    from volseg.view.classes import Classes

    ids = sorted(map(int, names))
    entries = Classes.of([np.array(ids)], None, asprs).entries
    return LabelMap.of(
        {entry.name: (value,) for value, entry in zip(ids, entries, strict=True)},
        ["#" + bytes(entry.colour).hex() for entry in entries],
    )


def _scans(
    pairs: ScanPairs,
    labels: LabelMap | None,
    out: Outputs,
    absent: Absent,
    label_field: str | None,
    columns: tuple[str, ...] | None,
) -> None:
    from volseg._face.scoring import evaluate_scans
    from volseg_cli.scores import print_scores

    with Bar() as bar:
        found = evaluate_scans(
            pairs,
            labels,
            label_field=label_field,
            columns=columns,
            absent=absent.value,
            progress=bar,
        )
    failed, names, confusion = found.failed, found.names, found.confusion
    say_alone(found.alone, "scans")
    if confusion is None:
        finish_pairs(failed, found.total)
        return
    scores = confusion.scores(absent=absent.value)
    print_scores(names, scores)
    predicted_ids = confusion.counts[:, :-1].sum(axis=0) > 0
    if labels is None and (predicted_ids != (scores.support > 0)).any():
        console.note(
            "every id is a class of its own: --model or --labels says which belong together"
        )
    out.write_json(confusion.to_json(names, absent=absent.value), failed)
    if out.picture is not None:
        from volseg.view.charts.matrix import draw_confusion
        from volseg.view.opening import holds_asprs

        asprs = all(holds_asprs(true, label_field) for _, true in pairs.pairs)
        shown = labels or _by_id(names, asprs=asprs)
        out.write_picture(draw_confusion(shown, confusion, "points", absent.value))
    finish_pairs(failed, found.total)


def _volumes(
    pairs: VolumePairs, known: LabelMap | None, tolerance: float | None, out: Outputs
) -> None:
    from volseg._face.scoring import evaluate_volumes
    from volseg.evaluate.volumes.by_fold import summarize_folds, summary_csv
    from volseg.evaluate.volumes.scores import background
    from volseg.evaluate.volumes.summary import average, to_csv, to_json
    from volseg_cli.scores import print_folds, print_summaries

    with Bar() as bar:
        found, labels = evaluate_volumes(pairs, known, tolerance, bar)
    say_alone(found.alone, "volumes")
    cases, failed, summaries = found.cases, found.failed, found.summaries
    if summaries is None:
        finish_pairs(failed, found.total)
        return
    nothing = background(labels)
    print_summaries(summaries, average(summaries, nothing), nothing, tolerance, unit=cases[0].unit)
    if len(set(pairs.folds.values())) > 1:
        print_folds(summarize_folds(cases, pairs.folds), nothing, tolerance)
    out.write_summary(summary_csv(cases, pairs.folds))
    out.write_json(to_json(cases, nothing, tolerance), failed)
    out.write_csv(to_csv(cases))
    if out.picture is not None:
        from volseg.report.volumes.matrix import draw_cases

        out.write_picture(draw_cases(labels, cases, nothing))
    finish_pairs(failed, found.total)
