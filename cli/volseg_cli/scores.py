"""A table of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volseg_cli import console

if TYPE_CHECKING:
    from volseg.train.metrics import Scores


def print_scores(names: tuple[str, ...], scores: Scores) -> None:
    """Every class's IoU, Dice, precision, recall and points; mean IoU and accuracy below."""
    table = console.table("class", "IoU", "Dice", "precision", "recall", "points")
    for number, name in enumerate(names):
        columns = (scores.iou, scores.dice, scores.precision, scores.recall)
        figures = (console.fraction(float(column[number])) for column in columns)
        table.add_row(name, *figures, f"{int(scores.support[number]):,}")
    console.show(table)
    console.out.print(
        f"mean IoU {console.fraction(scores.mean_iou)}   "
        f"overall accuracy {console.fraction(scores.overall_accuracy)}",
        highlight=False,
    )
