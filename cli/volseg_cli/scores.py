"""A table of scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from volseg.metrics.means import score_text
from volseg_cli import console

if TYPE_CHECKING:
    from volseg.evaluate.volumes.summary import Summary
    from volseg.metrics.confusion import Scores

NOT_IN_TRUTH = "(not in truth)"
"""Beside the name of a class that is predicted only, which no mean includes."""


def print_scores(names: tuple[str, ...], scores: Scores) -> None:
    """Every class's IoU, Dice, precision, recall and points; mean IoU and accuracy below."""
    table = console.table("class", "IoU", "Dice", "precision", "recall", "points")
    for number, name in enumerate(names):
        columns = (scores.iou, scores.dice, scores.precision, scores.recall)
        figures = (score_text(float(column[number])) for column in columns)
        counted = scores.counted[number] or not scores.invented[number]
        shown = name if counted else f"{name} {NOT_IN_TRUTH}"
        table.add_row(shown, *figures, f"{int(scores.support[number]):,}")
    console.show(table)
    console.out.print(
        f"mean IoU {score_text(scores.mean_iou)}   "
        f"overall accuracy {score_text(scores.overall_accuracy)}"
    )
    left_out = [
        f"{name} (predicted {many:,} times)"
        for name, many, counted in zip(
            names, scores.invented.tolist(), scores.counted.tolist(), strict=True
        )
        if many and not counted
    ]
    _say_left_out(left_out)


def print_summaries(
    classes: dict[str, Summary],
    mean: Summary,
    background: str | None,
    tolerance: float | None,
    *,
    unit: str | None = None,
) -> None:
    """Every class over all cases, and the mean of all but background; surfaces if measured.

    With a unit, mean volumes are shown in it.
    """
    surface = () if tolerance is None else ("HD95", "median", f"surface Dice at {tolerance:g}")
    table = console.table(
        "class", "cases", "Dice", "IoU", "pooled Dice", *surface,
        *((unit, f"true {unit}") if unit else ()), "missed", "invented",
    )  # fmt: skip
    left_out = [name for name, one in classes.items() if one.cases and not one.in_truth]
    for name, one in (*classes.items(), ("mean", mean)):
        figures = [one.iou, one.pooled_dice]
        if surface:
            figures += [one.hd95, one.hd95_median, one.surface_dice]
        dice = score_text(one.dice)
        if not math.isnan(one.dice_sd):
            dice += f" ± {one.dice_sd:.3f}"
        sizes = [one.predicted_volume, one.true_volume] if unit else []
        volumes = ["" if math.isnan(size) else f"{size:,.4g}" for size in sizes]
        counts = (*volumes, f"{one.missed:,}", f"{one.invented:,}")
        shown = f"{name} {NOT_IN_TRUTH}" if name in left_out else name
        table.add_row(shown, f"{one.cases:,}", dice, *map(score_text, figures), *counts)
    console.show(table)
    if background is not None:
        console.note(f"the mean leaves out {background}")
    _say_left_out([name for name in left_out if name != background])


def print_folds(
    folds: dict[str, dict[str, Summary]], background: str | None, tolerance: float | None
) -> None:
    """Every class's Dice in every fold, and mean and deviation over them; HD95 if measured."""
    from volseg.evaluate.volumes.by_fold import spread_of

    figures = {"Dice": "dice"} | ({} if tolerance is None else {"HD95": "hd95"})
    table = console.table("class", *folds, *figures)
    for name in next(iter(folds.values())):
        if name == background:
            continue
        held = [classes[name] for classes in folds.values()]
        spreads = (spread_of(held, figure) for figure in figures.values())
        ends = (
            score_text(mean) if math.isnan(sd) else f"{score_text(mean)} ± {sd:.3f}"
            for mean, sd in spreads
        )
        table.add_row(name, *(score_text(one.dice) for one in held), *ends)
    console.show(table)
    console.note("Dice of each fold, then mean and standard deviation over the folds")


def _say_left_out(names: list[str]) -> None:
    if names:
        console.note(f"the mean leaves out what the truth does not have: {console.several(names)}")
