"""Rules for codes: what each changes, and what it leaves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.area import Polygons
from volseg.geometry.labels import LabelMap
from volseg.predict.scans.codes import ClassCodes, CodeRules

LABELS = LabelMap.of({"ground": (2,), "vegetation": (5,), "building": (6,)})
IDS = np.array([2, 5, 5, 5, 6, 6])
SURE = np.array([0.9, 0.9, 0.9, 0.3, 0.9, 0.4], np.float32)
CLOUD = PointCloud(
    np.array([(i, 0.0, 10 + z) for i, z in enumerate((0, 0.2, 1, 8, 5, 5))]),
    labels=np.array([1, 6, 1, 9, 1, 1]),
)


def apply(**rules: Any) -> tuple[list[int], list[bool]]:
    """Codes of the points above over ground at a height of 10."""
    codes, kept = CodeRules(**rules).apply(
        LABELS, IDS, SURE, CLOUD, lambda metres: np.full(len(metres), 10.0), np.zeros(6, np.bool_)
    )
    return codes.tolist(), kept.tolist()


def test_vegetation_is_coded_by_its_height() -> None:
    rule = ClassCodes("vegetation", (3, 4, 5), (0.5, 2.0))
    assert apply(codes=(rule,))[0] == [2, 3, 4, 5, 6, 6]


def test_unsure_points_get_their_code() -> None:
    assert apply(below=(0.5, 1))[0] == [2, 5, 5, 1, 6, 1]


def test_points_keep_what_they_have() -> None:
    assert apply(keep=(6, 9))[0] == [2, 6, 5, 9, 6, 6]
    codes, kept = apply(only=("building",))
    assert codes == [1, 6, 1, 9, 6, 6]
    assert kept == [True] * 4 + [False] * 2
    area = Polygons((((((-1.0, -1.0), (1.5, -1.0), (1.5, 1.0), (-1.0, 1.0))),),))
    assert apply(area=area)[0] == [2, 5, 1, 9, 1, 1]


def test_swapped_codes_do_not_meet() -> None:
    rules = (ClassCodes("ground", (6,)), ClassCodes("building", (2,)))
    assert apply(codes=rules)[0] == [6, 5, 5, 5, 2, 2]


def test_written_codes_are_known_before_work() -> None:
    rules = CodeRules(
        only=("vegetation",), codes=(ClassCodes("vegetation", (3, 4), (1.0,)),), below=(0.5, 1)
    )
    assert rules.ids(LABELS).tolist() == [1, 3, 4]
    with pytest.raises(InputError, match="no class is called 'tree'"):
        CodeRules(only=("tree",)).ids(LABELS)
