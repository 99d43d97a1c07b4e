"""Objects of scans in training: crops and mixtures keep centres of whole ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.data.scans.augment import augment, mix, swap
from volseg.data.scans.features import parse_features
from volseg.data.scans.objects import (
    ObjectCounter,
    Objects,
    pack_targets,
    scale_of,
    voting_classes,
)
from volseg.data.scans.samples import Scan, sample
from volseg.geometry.labels import LabelClass, LabelMap

LABELS = LabelMap(
    (
        LabelClass("ground", (2,), "#000000"),
        LabelClass("car", (65,), "#000000", grouping="centre", scale=2.0),
        LabelClass("tree", (5,), "#000000", grouping="centre", scale=4.0, axes="xy"),
        LabelClass("house", (6,), "#000000", thing=True),
    )
)
FEATURES = parse_features("log_count")
WORLD = np.array([690_000.0, 5_336_000.0, 515.0])


def points(seed: int, count: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places, classes, and ids that count anew in every class."""
    random = np.random.default_rng(seed)
    classes, ids = random.integers(-1, 4, count), random.integers(0, 6, count)
    spots = np.column_stack((classes, ids, 0 * ids)) * 6.0
    return WORLD + spots + random.normal(0, 0.5, (count, 3)), classes, ids


def scan_of(seed: int) -> Scan:
    metres, classes, ids = points(seed)
    counter = ObjectCounter(voting_classes(LABELS))
    counter.add(metres, classes, ids)
    table = counter.table()
    objects = table.objects(table.numbers(classes, ids))
    return Scan("made", metres, {}, classes, objects=objects)


@given(seed=st.integers(0, 999), cuts=st.lists(st.integers(0, 400), max_size=5))
@settings(max_examples=30)
def test_any_pieces_give_the_same_objects(seed: int, cuts: list[int]) -> None:
    metres, classes, ids = points(seed)
    whole, parts = ObjectCounter((1, 2)), ObjectCounter((1, 2))
    whole.add(metres, classes, ids)
    for rows in np.split(np.arange(400), sorted(cuts)):
        parts.add(metres[rows], classes[rows], ids[rows])
    one, other = whole.table(), parts.table()
    np.testing.assert_array_equal(one.keys, other.keys)
    np.testing.assert_array_equal(one.counts, other.counts)
    np.testing.assert_allclose(one.centres, other.centres, atol=1e-7)
    numbers = one.numbers(classes, ids)
    assert ((numbers > 0) == (np.isin(classes, (1, 2)) & (ids > 0))).all()
    for number in np.unique(numbers[numbers > 0]):
        of = numbers == number
        assert len({*zip(classes[of].tolist(), ids[of].tolist(), strict=True)}) == 1
        np.testing.assert_allclose(one.centres[number - 1], metres[of].mean(axis=0), atol=1e-6)
        np.testing.assert_allclose(one.spread[number - 1], metres[of].std(axis=0), atol=1e-6)


@given(seed=st.integers(0, 999))
@settings(max_examples=20)
def test_a_crop_keeps_the_centre_of_the_whole_object(seed: int) -> None:
    scan = scan_of(seed)
    assert scan.objects is not None
    rows = np.random.default_rng(seed).permutation(len(scan))[:100]
    crop = scan.objects.take(rows).only_present()
    assert len(crop.centres) == len({*crop.numbers.tolist(), 0})
    inside = crop.numbers > 0
    np.testing.assert_array_equal(
        crop.centres[crop.numbers[inside]],
        scan.objects.centres[scan.objects.numbers[rows][inside]],
    )


@given(seed=st.integers(0, 999), slope=st.sampled_from([0.0, 0.3]))
@settings(max_examples=20)
def test_ways_turn_with_the_crop(seed: int, slope: float) -> None:
    """The way from a point to its centre keeps its length, but for the factor of all lengths."""
    scan = scan_of(seed)
    changed = augment(scan, np.random.default_rng(seed), jitter=0.0, scale=0.1, slope=slope)
    before, after = scan.objects, changed.objects
    assert before is not None
    assert after is not None
    inside = before.numbers > 0
    lengths = [
        np.linalg.norm((of.centres[of.numbers] - one.metres)[inside, :2], axis=1)
        for one, of in ((scan, before), (changed, after))
    ]
    factor = lengths[1] / lengths[0]
    np.testing.assert_allclose(factor, factor[0], rtol=1e-6)
    if slope == 0.0:
        rise = (after.centres[after.numbers] - changed.metres)[inside, 2]
        was = (before.centres[before.numbers] - scan.metres)[inside, 2]
        np.testing.assert_allclose(rise, was * factor[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("blend", [mix, lambda a, b: swap(a, b, np.random.default_rng(0))])
def test_objects_of_mixed_scenes_never_collide(blend: object) -> None:
    one, other = (augment(scan_of(seed), np.random.default_rng(seed)) for seed in (1, 2))
    both = blend(one, other)  # type: ignore[operator]
    assert len(both.objects.centres) == len(one.objects.centres) + len(other.objects.centres) - 1
    assert len(both.objects.classes) == len(both.objects.centres)
    for number in np.unique(both.objects.numbers)[1:]:
        assert len(np.unique(both.labels[both.objects.numbers == number])) == 1


def test_voxels_vote_for_the_object_most_of_their_points_are_of() -> None:
    metres = np.array([[0.1, 0.1, 0.1], [0.2, 0.1, 0.1], [0.3, 0.1, 0.1], [5.0, 0, 0], [7.0, 0, 0]])
    objects = Objects(
        np.array([1, 2, 2, 2, 0], np.int32), np.array([[0.0] * 3, [9.0] * 3, [2.0, 3.0, 4.0]]),
        np.array([-1, 1, 2]),
    )  # fmt: skip
    one = sample(Scan("", metres, {}, np.array([1, 2, 2, 0, 1]), objects=objects), 1.0, FEATURES)
    assert one.numbers is not None
    assert one.numbers.tolist() == [2, 0, 0]  # the second is of another class than its object
    assert one.ways is not None
    np.testing.assert_allclose(one.ways[0], [1.5, 2.5, 3.5])


def test_targets_count_ways_in_scales() -> None:
    ways = np.full((4, 3), 8.0)
    packed = pack_targets(np.array([1, 2, 0, -1]), np.array([3, 4, 0, 0]), ways, LABELS)
    assert packed.dtype == np.float32
    assert packed.tolist() == [[1, 3, 4, 4, 4], [2, 4, 2, 2, 0], [0, 0, 0, 0, 0], [-1, 0, 0, 0, 0]]


def test_scales_are_those_of_the_objects() -> None:
    random = np.random.default_rng(0)
    counter = ObjectCounter((1, 2))
    metres = random.normal(0, (3.0, 4.0, 12.0), (20_000, 3))
    counter.add(metres, np.repeat(2, 20_000), random.integers(1, 4, 20_000))
    tables = [counter.table()]
    assert scale_of(tables, 2, upright=True) == pytest.approx(5.0, rel=0.05)
    assert scale_of(tables, 2, upright=False) == pytest.approx(13.0, rel=0.05)
    assert scale_of(tables, 1, upright=False) is None
