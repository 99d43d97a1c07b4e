"""What becomes of objects, by name."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.metrics import Matching, Panoptic
from volseg.metrics.matching import FATES, greedy


def pairs_of(truth: str, predicted: str) -> Matching:
    """One row of cells a side; a letter is an object, a point is background."""
    sides = []
    for row in (truth, predicted):
        ids = np.array([0 if cell == "." else ord(cell) for cell in row])
        sides += [(ids > 0).astype(np.int64), ids]
    objects = Panoptic(2, [1])
    objects.update(*sides)
    return objects.matching("case 1")


def names(pairs: Matching) -> tuple[list[str], list[str]]:
    """Fates of the objects, stuff left out."""
    sides = zip(pairs.fates, (pairs.truth, pairs.predicted), strict=True)
    truth, predicted = (
        [FATES[fate] for fate, key in zip(fates, side.classes, strict=True) if key == 1]
        for fates, side in sides
    )
    return truth, predicted


@pytest.mark.parametrize(
    ("truth", "predicted", "fates"),
    [
        ("aaaa..", "aaaa..", (["found"], ["found"])),
        ("aaaa..", "......", (["missed"], [])),
        ("......", "aaaa..", ([], ["false"])),
        ("aaaa..", "aabb..", (["split"], ["split", "split"])),
        ("aabb..", "cccc..", (["merged", "merged"], ["merged"])),
        ("aaaaab", "cccccc", (["found", "merged"], ["found"])),
        ("aaaaaa", "bbbbbc", (["found"], ["found", "split"])),
        ("aaaa....", "...bbbb.", (["missed"], ["false"])),
    ],
)
def test_every_object_has_a_fate(
    truth: str, predicted: str, fates: tuple[list[str], list[str]]
) -> None:
    assert names(pairs_of(truth, predicted)) == fates


def test_split_and_merged_are_counted_where_they_match_too() -> None:
    assert pairs_of("aaaaaa", "bbbbbc").split.sum() == 1
    assert pairs_of("aaaaab", "cccccc").merged.sum() == 1


def test_low_thresholds_pair_the_larger_iou_first() -> None:
    pairs = pairs_of("aaaabb..", "..cccccc")
    assert (pairs.matched(20).sum(), (pairs.iou > 0.2).sum()) == (1, 2)
    assert pairs.truth.keys[pairs.rows[pairs.matched(20)]][-1] & 0xFF == ord("b")


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), unique=True, max_size=20))
def test_greedy_takes_each_once_and_leaves_no_pair_that_is_free(
    pairs: list[tuple[int, int]],
) -> None:
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    kept = greedy(table[:, 0], table[:, 1])
    for one, two in combinations(table[kept].tolist(), 2):
        assert one[0] != two[0]
        assert one[1] != two[1]
    for row, column in table[~kept]:
        assert row in table[kept][:, 0] or column in table[kept][:, 1]
