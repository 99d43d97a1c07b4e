"""What cases add up to: means over cases, pooled voxels, counts of what was missed."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
import pytest

from volseg.evaluate.volumes.scores import CaseScores, ClassScore
from volseg.evaluate.volumes.summary import average, summarize, to_csv, to_json
from volseg.metrics.confusion import Confusion

NAN, INF = math.nan, math.inf


def score(tp: int, fp: int, fn: int, hd95: float = NAN, surface_dice: float = NAN) -> ClassScore:
    confusion = Confusion(2)
    confusion.counts[:] = [[1000, fp, 0], [fn, tp, 0]]
    return ClassScore(confusion, 0.001, hd95, surface_dice)


# The liver is found well and badly; the tumour found, missed, invented, and nowhere.
CASES = [
    CaseScores(name, "ml", {"background": back, "liver": liver, "tumour": tumour})
    for name, back, liver, tumour in (
        ("a", score(900, 0, 0), score(90, 10, 10, 1.0, 0.9), score(2, 2, 0, 3.0, 0.5)),
        ("b", score(900, 9, 9), score(10, 20, 10, 5.0, 0.3), score(0, 0, 6, INF, 0.0)),
        ("c", score(900, 0, 0), score(50, 0, 0, 0.0, 1.0), score(0, 4, 0, INF, 0.0)),
        ("d", score(900, 0, 0), score(50, 0, 0, 0.0, 1.0), score(0, 0, 0)),
    )
]


class TestSummary:
    def test_means_over_cases(self) -> None:
        liver = summarize(CASES)["liver"]
        dice = [0.9, 0.4, 1, 1]
        assert liver.dice == pytest.approx(np.mean(dice))
        assert liver.dice_sd == pytest.approx(np.std(dice))
        assert liver.iou == pytest.approx(np.mean([90 / 110, 10 / 40, 1, 1]))
        assert liver.pooled_dice == pytest.approx(400 / (400 + 30 + 20))
        assert (liver.hd95, liver.hd95_median) == (1.5, 0.5)
        assert liver.surface_dice == pytest.approx(0.8)
        assert (liver.cases, liver.missed, liver.invented) == (4, 0, 0)

    def test_missed_invented_and_absent(self) -> None:
        tumour = summarize(CASES)["tumour"]
        assert (tumour.cases, tumour.missed, tumour.invented) == (3, 1, 1)
        assert tumour.dice == pytest.approx((4 / 6) / 3)
        assert tumour.pooled_dice == pytest.approx(4 / (4 + 6 + 6))
        assert (tumour.hd95, tumour.hd95_median) == (INF, INF)
        assert tumour.surface_dice == pytest.approx(0.5 / 3)

    def test_the_mean_leaves_background_out(self) -> None:
        classes = summarize(CASES)
        mean = average(classes, "background")
        assert mean.dice == pytest.approx((classes["liver"].dice + classes["tumour"].dice) / 2)
        assert (mean.missed, mean.invented, mean.hd95) == (1, 1, INF)
        everything = average(classes, None)
        assert everything.dice == pytest.approx(np.mean([one.dice for one in classes.values()]))

    def test_a_class_that_nobody_has(self) -> None:
        cases = [CaseScores("a", "ml", {"liver": score(1, 0, 0), "tumour": score(0, 0, 0)})]
        classes = summarize(cases)
        assert classes["tumour"].cases == 0
        assert math.isnan(classes["tumour"].dice)
        assert average(classes, None).dice == 1
        assert math.isnan(average({"tumour": classes["tumour"]}, None).dice)


class TestFiles:
    def test_json(self) -> None:
        report = json.loads(json.dumps(to_json(CASES, "background", 1.5), allow_nan=False))
        assert list(report) == ["classes", "mean", "background", "tolerance", "cases"]
        assert (report["background"], report["tolerance"]) == ("background", 1.5)
        assert report["classes"]["tumour"]["hd95"] == "inf"
        assert report["classes"]["background"]["hd95"] is None
        assert report["mean"]["missed"] == 1
        assert list(report["cases"]) == list("abcd")
        assert report["cases"]["b"]["tumour"] == {
            "dice": 0.0,
            "iou": 0.0,
            "predicted_volume": 0.0,
            "true_volume": 0.006,
            "unit": "ml",
            "hd95": "inf",
            "surface_dice": 0.0,
        }
        assert report["cases"]["d"]["tumour"]["dice"] is None

    def test_csv(self) -> None:
        rows = list(csv.DictReader(io.StringIO(to_csv(CASES))))
        assert len(rows) == 12
        assert [row["case"] for row in rows[::3]] == list("abcd")
        assert list(rows[0])[:2] == ["case", "class"]
        by_name = {(row["case"], row["class"]): row for row in rows}
        assert float(by_name["a", "liver"]["dice"]) == 0.9
        assert float(by_name["b", "tumour"]["hd95"]) == INF
        assert by_name["d", "tumour"]["dice"] == ""
        assert by_name["d", "tumour"]["unit"] == "ml"
