"""Objects of points by the grouping of each thing; laws of components are with those."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.geometry.labels import LabelClass, LabelMap
from volseg.predict.objects import points
from volseg.predict.objects.points import PointObjects, number_points

LABELS = LabelMap(
    (
        LabelClass("road", (1,), "#000000"),
        LabelClass("car", (2,), "#FFFFFF", thing=True, min_points=1),
        LabelClass("tree", (3,), "#00FF00", grouping="centre", scale=1.0, min_points=1),
    )
)


def scene(seed: int) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    of, classes = random.integers(0, 5, 300), random.integers(-1, 3, 300)
    metres = np.column_stack((of * 9.0, 0 * of, 0 * of)) + random.uniform(0, 0.3, (300, 3))
    cells = np.where(classes[:, None] == 2, np.floor(metres * 4).astype(int), 0)
    return metres, classes, cells, np.where(classes == 2, random.integers(1, 99, 300), 0), of


@given(seed=st.integers(0, 999), pieces=st.integers(1, 9))
@settings(max_examples=20, deadline=None)
def test_things_of_both_groupings_have_ids_of_their_own(seed: int, pieces: int) -> None:
    metres, classes, cells, weights, of = scene(seed)
    ids = number_points(metres, classes, LABELS, cells, weights)
    assert (ids[classes < 1] == 0).all()
    things = classes > 0
    pairs = {*zip(ids[things].tolist(), classes[things].tolist(), of[things].tolist(), strict=True)}
    assert len({number for number, *_ in pairs}) == len(pairs)
    objects, points_before = PointObjects(LABELS), points.MERGED
    try:
        points.MERGED = 3  # merge at every turn
        parts = np.array_split(np.random.default_rng(seed).permutation(300), pieces)
        for part in parts:
            objects.add(metres[part], classes[part], cells[part], weights[part])
        assert objects.group() == ids.max()
    finally:
        points.MERGED = points_before
    for part in parts:
        np.testing.assert_array_equal(
            objects.numbers(metres[part], classes[part], cells[part]), ids[part]
        )


def test_few_points_are_no_object() -> None:
    cells = np.repeat([[0, 0, 0], [90, 0, 0]], (10, 9), axis=0)
    classes, weights = np.full(19, 2), np.full(19, 256)
    tree = replace(LABELS.classes[2], min_points=10)
    labels = replace(LABELS, classes=(*LABELS.classes[:2], tree))
    ids = number_points(np.zeros((19, 3)), classes, labels, cells, weights)
    assert ids.tolist() == [1] * 10 + [0] * 9


def test_without_votes_things_that_vote_have_no_objects() -> None:
    metres, classes, *_ = scene(0)
    ids = number_points(metres, classes, LABELS)
    assert (ids[classes == 2] == 0).all()
    assert (ids[classes == 1] > 0).all()
