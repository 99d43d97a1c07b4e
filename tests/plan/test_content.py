"""Contents by class: what is counted by objects is counted by the classes they are of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from volseg.plan.content import Content, by_class

MOMENTS = {raw: [[1.0 * raw] * 3] * 3 for raw in (3, 7, 26001, 26002)}


def content(counts: dict[int, int]) -> Content:
    moments = {raw: MOMENTS[raw] for raw in counts if raw}
    return Content(np.zeros((1, 1), np.float32), 0.0, counts, moments, None)


def test_things_are_the_classes_that_a_second_file_has_objects_of():
    one = replace(content({0: 5, 3: 2, 7: 4}), things=frozenset({7}))
    found, made = by_class([one, content({3: 1})], "file", 1)
    assert found == {7}
    assert [case.counts for case in made] == [{0: 5, 3: 2, 7: 4}, {3: 1}]


@pytest.mark.parametrize(
    ("objects", "counts", "expected", "things"),
    [
        ("ids", {0: 5, 3: 2, 7: 4}, {0: 5, 1: 6}, {1}),
        ("thousands", {0: 1, 7: 5, 26001: 2, 26002: 4}, {0: 1, 7: 5, 26: 6}, {26}),
        ("components", {0: 5, 3: 2, 7: 4}, {0: 5, 3: 2, 7: 4}, {3, 7}),
    ],
)
def test_counts_and_moments_add_up(objects, counts, expected, things):
    found, (made,) = by_class([content(counts)], objects, 1)
    assert found == things
    assert made.counts == expected
    total = sum(np.sum(moments) for moments in made.moments.values())
    assert total == sum(9 * raw for raw in counts)
