"""The half of ``volseg evaluate`` that compares objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from volseg.metrics.means import score_text
from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.batch import finish_pairs
from volseg_cli.outputs import Outputs

if TYPE_CHECKING:
    from volseg.data.volumes.objects.truth import ObjectTruth
    from volseg.evaluate.objects import ObjectEvaluation
    from volseg.evaluate.scans.pairs import ScanPairs
    from volseg.evaluate.volumes.pairs import VolumePairs
    from volseg.geometry import LabelMap
    from volseg.metrics import Rules

COLUMNS = {
    "PQ": "pq", "SQ": "sq", "RQ = F1": "rq", "precision": "precision", "recall": "recall",
    "AP50": "ap50", "AP": "mean_ap",
}  # fmt: skip


@dataclass(frozen=True)
class ObjectOptions:
    """How objects are compared.

    Attributes:
        distance: how far apart the centres of a pair may be; None compares none.
        truth_ids: how label files of the truth tell objects apart; None for by what is there.
        min_points: SemanticKITTI's rules, with this many; None for COCO's.
        absent: what a class scores that neither side has.
        label_field: of scans, the field of the truth that holds the labels.
        columns: of scans in text, what their columns are.
    """

    distance: float | None
    truth_ids: ObjectTruth | None
    min_points: int | None
    absent: Literal["nan", "zero"]
    label_field: str | None
    columns: tuple[str, ...] | None

    @property
    def rules(self) -> Rules:
        """What counts as an object, and as an error."""
        from dataclasses import replace

        from volseg.metrics import SEMANTIC_KITTI, Rules

        if self.min_points is None:
            return Rules(absent=self.absent)
        return replace(SEMANTIC_KITTI, min_cells=self.min_points)


def score_objects(
    pairs: ScanPairs | VolumePairs,
    labels: LabelMap | None,
    options: ObjectOptions,
    out: Outputs,
) -> None:
    """Print the scores of objects, and write all figures where wanted."""
    from volseg._face.objects import evaluate_objects

    with Bar() as bar:
        found = evaluate_objects(
            pairs,
            labels,
            distance=options.distance,
            truth_ids=options.truth_ids,
            rules=options.rules,
            label_field=options.label_field,
            columns=options.columns,
            progress=bar,
        )
    if found.alone:
        alone = console.several(found.alone)
        console.note(f"{len(found.alone)} of the truth's files have no prediction: {alone}")
    _show(found)
    failed = {"failed": [str(error) for error in found.failed]} if found.failed else {}
    out.write_json(found.to_json() | failed)
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
    console.out.print(f"{line}   ({cases:,} case{'s' * (cases != 1)})", highlight=False)


def _show_centres(found: ObjectEvaluation) -> None:
    table = console.table(f"centres within {found.distance:g}", "F1", "precision", "recall")
    for k in found.labels.things:
        met = found.detection(k)
        table.add_row(found.labels.names[k], *map(score_text, (met.f1, met.precision, met.recall)))
    console.show(table)
