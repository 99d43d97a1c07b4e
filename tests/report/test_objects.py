"""Objects in a report: figures as `evaluate` has them, and the largest that are wrong."""

from __future__ import annotations

import numpy as np
from PIL import Image

from volseg.evaluate.objects import ObjectSide
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.report.objects import SHOWN, ObjectTally

LABELS = LabelMap((LabelClass("rest", (0,), "#000000"), LabelClass("cell", (1,), "#00FF00", True)))
DRAWN = Image.new("RGB", (3, 2))


def side(ids: np.ndarray) -> ObjectSide:
    return ObjectSide((ids > 0).astype(np.int64), ids)


def test_the_largest_of_all_cases_are_shown() -> None:
    tally, sizes = ObjectTally(LABELS), []
    for case in range(4):
        own = [2 + 3 * case + k for k in range(5)]
        ids = np.repeat(np.arange(1, 6), own)
        sizes += own
        tally.add(f"name {case}", f"case-{case}", side(ids), side(0 * ids), lambda error: DRAWN)
    results = tally.results()
    worst = results.worst["missed"]
    assert [one.error.cells for one in worst] == sorted(sizes, reverse=True)[:SHOWN]
    assert {one.name.replace("name ", "case-") for one in worst} == {one.anchor for one in worst}
    assert results.worst["false"] == results.worst["split"] == results.worst["merged"] == ()
    (cell,) = results.things
    assert (cell.objects, cell.errors["missed"], cell.scores[0]) == (20, 20, 0.0)


def test_pictures_are_drawn_of_nothing_else() -> None:
    tally, drawn = ObjectTally(LABELS), []
    ids = np.repeat(np.arange(1, 40), np.arange(1, 40))
    for case in range(2):
        tally.add("a", f"case-{case}", side(ids), side(0 * ids), lambda error: drawn.append(error))
    assert len(drawn) <= 2 * SHOWN
