"""The half of ``volseg evaluate`` that compares objects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from volseg.metrics.means import score_text
from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.batch import finish_pairs, say_alone
from volseg_cli.outputs import Outputs

if TYPE_CHECKING:
    from volseg.evaluate.objects import ObjectEvaluation
    from volseg.evaluate.scans.pairs import ScanPairs
    from volseg.evaluate.volumes.pairs import VolumePairs
    from volseg.geometry import LabelMap
    from volseg.metrics.confusion import Absent

COLUMNS = {
    "PQ": "pq", "SQ": "sq", "RQ = F1": "rq", "precision": "precision", "recall": "recall",
    "AP50": "ap50", "AP": "mean_ap",
}  # fmt: skip


def score_objects(
    pairs: ScanPairs | VolumePairs,
    labels: LabelMap | None,
    out: Outputs,
    *,
    min_points: int | None,
    absent: Absent,
    **options: Any,
) -> None:
    """Print the scores of objects, and write all figures where wanted.

    Args:
        pairs: the files.
        labels: the classes.
        out: the files to write.
        min_points: SemanticKITTI's rules, with this many; None for COCO's.
        absent: what a class scores that neither side has.
        options: others of `evaluate_objects`.
    """
    from volseg._face.objects import evaluate_objects
    from volseg.metrics import SEMANTIC_KITTI, Rules

    rules = Rules(absent=absent)
    if min_points is not None:
        rules = replace(SEMANTIC_KITTI, min_cells=min_points)
    with Bar() as bar:
        found = evaluate_objects(pairs, labels, rules=rules, progress=bar, **options)
    say_alone(found.alone, "files")
    _show(found)
    out.write_json(found.to_json(), found.failed)
    out.write_csv(found.to_csv())
    finish_pairs(found.failed, found.total)


def _show(found: ObjectEvaluation) -> None:
    """A row a thing, and their mean; a table of what was found by centres, and of stuff."""
    scores, things = found.scores(), found.labels.things
    errors = ("missed", "false", "split", "merged")
    table = console.table("thing", "objects", *COLUMNS, *errors)
    for k in things:
        figures = (score_text(float(getattr(scores, key)[k])) for key in COLUMNS.values())
        counts = (f"{int(getattr(scores, key)[k]):,}" for key in errors)
        objects = int(scores.tp[k] + scores.fn[k])
        table.add_row(found.labels.names[k], f"{objects:,}", *figures, *counts)
    means = (score_text(scores.mean(key, things)) for key in COLUMNS.values())
    table.add_row("mean", "", *means, *("" for _ in errors))
    console.show(table)
    if found.distance is not None:
        _show_centres(found)
    cases = len(found.panoptic.cases)
    stuff = [k for k in range(len(found.labels)) if k not in things]
    pq = [score_text(scores.mean("pq", which)) for which in (things, stuff, None)]
    line = "PQ of things {}   of stuff {}   of all classes {}".format(*pq)
    console.out.print(f"{line}   ({cases:,} case{'s' * (cases != 1)})")


def _show_centres(found: ObjectEvaluation) -> None:
    table = console.table(f"centres within {found.distance:g}", "F1", "precision", "recall")
    for k in found.labels.things:
        met = found.detection(k)
        table.add_row(found.labels.names[k], *map(score_text, (met.f1, met.precision, met.recall)))
    console.show(table)
