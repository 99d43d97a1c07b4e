"""From truth to targets and back: the identity on objects that lie apart, by any grouping."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.data.volumes.objects.prepare import ObjectMap
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.predict.volumes.regroup import regroup


def label_map(grouping: str, scale: float | None) -> LabelMap:
    thing = LabelClass("ball", (1,), "", grouping=grouping, scale=scale)
    return LabelMap((LabelClass("rest", (0,), ""), thing))


def balls(grid, spacing, radius, seed=0):
    """Balls at random, none nearer to another than a gap."""
    random = np.random.default_rng(seed)
    places = np.stack(np.indices(grid), -1) * spacing
    numbers, kept = np.zeros(grid, np.int32), []
    for centre in random.uniform(0, np.array(grid) * spacing, (200, 3)):
        centre = centre * (np.array(grid) > 1)
        if all(np.linalg.norm(centre - other) > 2.6 * radius for other in kept):
            kept.append(centre)
            numbers[np.linalg.norm(places - centre, axis=-1) < radius] = len(kept)
    return numbers


def same_objects(one, other) -> bool:
    pairs = np.unique(np.stack((one.ravel(), other.ravel())), axis=1)
    return len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]


@pytest.mark.parametrize(
    ("grouping", "scale"), [("components", None), ("border", 4.0), ("centre", 4.0)]
)
@pytest.mark.parametrize(
    ("grid", "spacing"),
    [((48, 40, 1), (1, 1, 1)), ((24, 30, 28), (1, 1, 1)), ((30, 16, 30), (1, 2, 1))],
)
def test_objects_apart_come_back(grouping, scale, grid, spacing):
    numbers = balls(grid, spacing, 4.5)
    axes = [axis for axis in range(3) if grid[axis] > 1]
    kinds = np.array([-1] + [1] * numbers.max(), np.int16)
    truth = ObjectMap.of(numbers, kinds, axes)
    found = regroup((numbers > 0).astype(np.int8), truth, label_map(grouping, scale), spacing, axes)
    assert numbers.max() > 5
    assert same_objects(numbers, found)


def test_centres_tell_touching_objects_apart():
    numbers = np.zeros((20, 40, 1), np.int32)
    for k in range(4):
        numbers[4:16, 10 * k : 10 * k + 10] = k + 1
    truth = ObjectMap.of(numbers, np.array([-1, 1, 1, 1, 1], np.int16), (0, 1))
    classes = (numbers > 0).astype(np.int8)
    for grouping, many in (("components", 1), ("centre", 4), ("border", 4)):
        scale = None if grouping == "components" else 5.0
        found = regroup(classes, truth, label_map(grouping, scale), (1, 1, 1), (0, 1))
        assert found.max() == many
        assert many == 1 or same_objects(numbers, found)


@pytest.mark.parametrize("grouping", ["components", "centre", "border"])
def test_what_is_smaller_than_the_smallest_is_no_object(grouping):
    numbers = np.zeros((30, 30, 1), np.int32)
    numbers[2:12, 2:12], numbers[20:23, 20:23], numbers[15:25, 2:12] = 1, 2, 3
    truth = ObjectMap.of(numbers, np.array([-1, 1, 1, 1], np.int16), (0, 1))
    scale = None if grouping == "components" else 5.0
    thing = LabelClass("ball", (1,), "", grouping=grouping, scale=scale, smallest=40.0)
    labels = LabelMap((LabelClass("rest", (0,), ""), thing))
    found = regroup((numbers > 0).astype(np.int8), truth, labels, (2, 2, 1), (0, 1))
    assert same_objects(found, np.where(numbers == 2, 0, numbers))
    thing = LabelClass("ball", (1,), "", grouping=grouping, scale=scale, smallest=36.0)
    labels = LabelMap((LabelClass("rest", (0,), ""), thing))
    found = regroup((numbers > 0).astype(np.int8), truth, labels, (2, 2, 1), (0, 1))
    assert same_objects(found, numbers) or grouping == "centre"
