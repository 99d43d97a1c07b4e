"""What an evaluation of objects gathers from cases."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.evaluate.objects import ObjectEvaluation, ObjectSide, unique_name
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.metrics import Detection

LABELS = LabelMap(
    (LabelClass("road", (1,), "#000000"), LabelClass("car", (2,), "#FFFFFF", thing=True))
)


def side(classes: list[int], ids: list[int]) -> ObjectSide:
    return ObjectSide(np.array(classes), np.array(ids))


def places(chosen: np.ndarray) -> np.ndarray:
    return np.flatnonzero(chosen)[:, None].astype(float)


def two_cases() -> ObjectEvaluation:
    found = ObjectEvaluation(LABELS, distance=1.5)
    truth = side([0, 1, 1, 1, 1], [0, 1, 1, 2, 2])
    found.add("a", truth, side([0, 1, 1, 1, 1], [0, 8, 8, 9, 9]), places)
    found.add("b", truth, side([0, 1, 1, 1, 1], [0, 7, 7, 7, 7]), places)
    return found


def test_cases_add_up() -> None:
    found = two_cases()
    assert found.scores().pq[1] == pytest.approx(2 / (2 + 0.5 + 1))  # one merges two
    assert found.scores("a").pq.tolist() == [1, 1]
    assert found.scores().merged.tolist() == [0, 1]
    assert found.detection(1, "a") == Detection(2, 0, 0)
    assert found.detection(1) == Detection(3, 0, 1)


def test_json_has_all_figures_of_all_cases_and_of_each() -> None:
    values = json.loads(json.dumps(two_cases().to_json()))
    assert values["things"] == ["car"]
    assert values["cases"].keys() == {"a", "b"}
    car = values["classes"]["car"]
    assert car["f1"] == car["rq"] == pytest.approx(2 / 3.5)
    assert car["within"] == {"distance": 1.5, "f1": 6 / 7, "precision": 1, "recall": 0.75}
    assert (car["tp"], car["fp"], car["fn"], car["missed"]) == (2, 1, 2, 0)
    assert values["mean_of_things"]["pq"] == car["pq"]
    assert values["merge_information"] == 0.5
    assert values["split_information"] == 0
    assert "within" not in values["classes"]["road"]


def test_csv_has_a_row_a_case_and_class() -> None:
    rows = list(csv.DictReader(two_cases().to_csv().splitlines()))
    assert [(row["case"], row["class"]) for row in rows] == [
        (case, name) for case in "ab" for name in ("road", "car")
    ]
    assert [(row["pq"], row["tp"], row["merged"]) for row in rows[1::2]] == [
        ("1.0", "2", "0"), ("0.0", "0", "1")
    ]  # fmt: skip


def test_nothing_is_a_dash() -> None:
    empty = ObjectEvaluation(LABELS)
    assert empty.to_json()["mean_pq"] is None
    assert empty.to_json()["adapted_rand_error"] is None
    assert math.isnan(empty.scores().mean())


def test_what_has_no_objects_is_one_line() -> None:
    with pytest.raises(InputError, match=r"of the classes road none is a thing; .*'thing: true'"):
        ObjectEvaluation(LabelMap(LABELS.classes[:1]))
    with pytest.raises(InputError, match="a distance of -1; wanted more than 0"):
        ObjectEvaluation(LABELS, distance=-1)
    with pytest.raises(InputError, match="truth: object id -3"):
        two_cases().add("c", side([1], [-3]), side([1], [0]), places)


def test_equal_names_are_told_apart_by_their_paths() -> None:
    taken: defaultdict[str, int] = defaultdict(int)
    assert [unique_name("a", path, taken) for path in ("x/a", "y/a")] == ["a", "y/a"]
