"""Augmentation: distances change by one factor, labels not at all, and the same draw repeats."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.data.scans.augment import LEAN, OFF, augment, mix, swap
from volseg.data.scans.samples import Scan


def crop(seed: int, points: int = 40) -> Scan:
    random = np.random.default_rng(seed)
    metres = random.uniform(-10, 10, (points, 3)) + (5e5, 5e6, 100)
    attributes: Any = {
        "height": random.uniform(0, 9, (points, 1)).astype(np.float32),
        "colour": random.uniform(0, 1, (points, 3)).astype(np.float32),
    }
    return Scan("crop", metres, attributes, random.integers(-1, 4, points))


def distances(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.linalg.norm(metres[:, None] - metres[None], axis=2)


choices = st.fixed_dictionaries({"rotate": st.booleans(), "flip": st.booleans()})


@given(st.integers(0, 2**31), choices)
@settings(deadline=None)
def test_without_scale_and_jitter_it_is_an_isometry(seed: int, chosen: dict[str, bool]) -> None:
    one = crop(seed)
    made = augment(one, np.random.default_rng(seed), **chosen, scale=0.0, jitter=0.0)
    np.testing.assert_allclose(distances(made.metres), distances(one.metres), atol=1e-6)
    # Verticals stay vertical, and up stays up.
    rise = made.metres[:, 2] - made.metres[0, 2]
    np.testing.assert_allclose(rise, one.metres[:, 2] - one.metres[0, 2], atol=1e-6)


@given(st.integers(0, 2**31), choices, st.floats(0.01, 0.5))
@settings(deadline=None)
def test_all_distances_and_heights_change_by_one_factor(
    seed: int, chosen: dict[str, bool], scale: float
) -> None:
    one = crop(seed)
    made = augment(one, np.random.default_rng(seed), **chosen, scale=scale, jitter=0.0)
    before, after = distances(one.metres), distances(made.metres)
    factor = after.sum() / before.sum()
    assert 1 - scale - 1e-9 <= factor <= 1 + scale + 1e-9
    np.testing.assert_allclose(after, before * factor, atol=1e-6)
    np.testing.assert_allclose(
        made.attributes["height"], one.attributes["height"] * factor, rtol=1e-5
    )


@given(st.integers(0, 2**31))
@settings(deadline=None)
def test_labels_and_other_attributes_are_untouched(seed: int) -> None:
    one = crop(seed)
    made = augment(one, np.random.default_rng(seed), scale=0.3, jitter=0.5)
    np.testing.assert_array_equal(made.labels, one.labels)
    np.testing.assert_array_equal(made.attributes["colour"], one.attributes["colour"])
    assert made.name == one.name


def test_the_crop_given_is_not_changed() -> None:
    one, same = crop(1), crop(1)
    augment(one, np.random.default_rng(0), jitter=1.0)
    np.testing.assert_array_equal(one.metres, same.metres)
    np.testing.assert_array_equal(one.attributes["height"], same.attributes["height"])


def test_one_random_state_one_result() -> None:
    one, again, other = (
        augment(crop(2), np.random.default_rng(seed), jitter=0.1).metres for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("flip", [True, False])
def test_mirrors_one_time_in_two(flip: bool) -> None:
    triangle = Scan("three", np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]), {}, np.zeros(3, int))
    hands = []
    for seed in range(100):
        random = np.random.default_rng(seed)
        a, b, c = augment(triangle, random, flip=flip, scale=0.0, jitter=0.0).metres
        hands.append(np.cross(b - a, c - a)[2] < 0)
    assert 30 < sum(hands) < 70 if flip else not any(hands)


def test_jitter_has_its_standard_deviation() -> None:
    one = crop(0, 5000)
    made = augment(one, np.random.default_rng(0), rotate=False, flip=False, scale=0.0, jitter=0.05)
    noise = made.metres - one.metres
    np.testing.assert_allclose(noise.std(axis=0), 0.05, rtol=0.05)


def test_the_lattice_gets_a_new_phase() -> None:
    made = [augment(crop(0), np.random.default_rng(seed), jitter=0.0).metres for seed in range(3)]
    phases = [metres.mean(axis=0) for metres in made]
    assert len({tuple(np.round(one, 3)) for one in phases}) == 3


@given(st.integers(0, 2**31), st.floats(0.01, 0.99), st.integers(1, 60))
@settings(deadline=None)
def test_thinning_leaves_whole_points_in_their_order(seed: int, drop: float, points: int) -> None:
    one = crop(seed, points)
    still = {"rotate": False, "flip": False, "scale": 0.0, "jitter": 0.0}
    made = augment(one, np.random.default_rng(seed), **still, drop=drop)
    assert 1 <= len(made) <= points
    colours = one.attributes["colour"].tolist()
    kept = [colours.index(row) for row in made.attributes["colour"].tolist()]
    assert kept == sorted(set(kept))
    np.testing.assert_array_equal(made.labels, one.labels[kept])
    np.testing.assert_allclose(distances(made.metres), distances(one.metres[kept]), atol=1e-6)


def test_thinning_leaves_out_at_most_its_share_on_average() -> None:
    one = crop(0, 20_000)
    shares = [len(augment(one, np.random.default_rng(n), drop=0.4)) / 20_000 for n in range(20)]
    assert min(shares) > 0.58
    assert len({round(share, 2) for share in shares}) > 5


def test_thinned_densities_spread_evenly_over_their_logarithm() -> None:
    one = crop(0, 20_000)
    shares = [len(augment(one, np.random.default_rng(n), drop=0.99)) / 20_000 for n in range(200)]
    decades = np.histogram(np.log10(shares), (-2.05, -1.5, -1, -0.5, 0))[0]
    assert decades.sum() == 200
    assert decades.min() > 30


@given(st.integers(0, 2**31))
@settings(deadline=None)
def test_swapping_takes_one_sector_of_the_other_whole(seed: int) -> None:
    random = np.random.default_rng(seed)
    one, other = (
        Scan("", random.normal(0, 5, (300, 3)), {}, np.full(300, which)) for which in (0, 1)
    )
    made = swap(one, other, np.random.default_rng(seed))
    assert made.labels is not None
    around = np.argsort(np.arctan2(made.metres[:, 1], made.metres[:, 0]))
    sources = made.labels[around]
    assert (sources != np.roll(sources, 1)).sum() == 2
    # Nothing of the other's sector is left out, and nothing of the first one's rest.
    angles = [np.arctan2(scan.metres[:, 1], scan.metres[:, 0]) for scan in (one, other)]
    mine = np.isin(angles[0], np.arctan2(made.metres[:, 1], made.metres[:, 0]))
    theirs = np.isin(angles[1], np.arctan2(made.metres[:, 1], made.metres[:, 0]))
    assert mine.sum() + theirs.sum() == len(made)
    assert 0.1 < theirs.mean() < 0.9


def test_swapping_with_a_crop_far_to_one_side_leaves_some_points() -> None:
    one, other = (Scan("", np.array([[1.0, 0.0, 0.0]]), {}, np.array([which])) for which in (0, 1))
    made = [swap(one, other, np.random.default_rng(seed)) for seed in range(20)]
    assert {len(scan) for scan in made} == {1}
    assert {int(scan.labels[0]) for scan in made if scan.labels is not None} == {0, 1}


def test_mixing_keeps_every_point_of_both() -> None:
    one, other = crop(1, 30), crop(2, 12)
    both = mix(one, other)
    np.testing.assert_array_equal(both.metres, np.concatenate((one.metres, other.metres)))
    np.testing.assert_array_equal(both.labels[30:], other.labels)
    np.testing.assert_array_equal(both.attributes["height"][:30], one.attributes["height"])


@given(st.integers(0, 2**31))
@settings(deadline=None, max_examples=20)
def test_forgets_optional_features_whole_and_keeps_the_others(seed: int) -> None:
    one = crop(seed)
    values = np.random.default_rng(seed).uniform(0.1, 0.9, (40, 2)).astype(np.float32)
    attributes: Any = {"intensity": values[:, :1], "returns": values, "colour": values}
    one = Scan("crop", one.metres, attributes, one.labels)

    def changed(forget: float) -> Any:
        random, optional = np.random.default_rng(seed), ("intensity", "returns")
        return augment(one, random, optional=optional, forget=forget).attributes

    made = changed(1.0)
    assert not made["intensity"].any()
    assert (made["returns"] == 1.0).all()
    np.testing.assert_array_equal(made["colour"], values)
    np.testing.assert_array_equal(changed(0.0)["returns"], values)


def still(seed: int, **chosen: float) -> tuple[Scan, Scan]:
    """A crop, and the same with nothing changed but what is chosen and the lattice's phase."""
    one = crop(seed)
    random = np.random.default_rng(seed)
    made = augment(one, random, rotate=False, flip=False, scale=0.0, jitter=0.0, **chosen)
    np.testing.assert_array_equal(made.labels, one.labels)
    np.testing.assert_array_equal(made.attributes["colour"], one.attributes["colour"])
    before, after = (scan.metres - scan.metres.mean(axis=0) for scan in (one, made))
    np.testing.assert_allclose(after[:, :2], before[:, :2], atol=1e-6)
    return one, replace(made, metres=np.column_stack((before[:, :2], after[:, 2] - before[:, 2])))


def test_slope_lifts_every_other_crop_and_leaves_its_heights() -> None:
    lifted, steepest = 0, 0.0
    for seed in range(60):
        one, made = still(seed, slope=0.5)
        np.testing.assert_array_equal(made.attributes["height"], one.attributes["height"])
        x, y, lift = made.metres.T
        lifted += np.ptp(lift) > 1e-3
        distance = np.hypot(x[:, None] - x, y[:, None] - y) + np.eye(len(x))
        steepest = max(steepest, float((np.abs(lift[:, None] - lift) / distance).max()))
    assert 18 < lifted < 42
    # A plane of 0.5 along both axes, and as steep a wave.
    assert 0.5 < steepest < 0.5 * (np.sqrt(2) + 1) + 1e-3


def test_a_doubted_ground_leans_or_is_not_known() -> None:
    """What is wrong with heights is a plane within bounds; places stay as they are."""
    forgotten, off = 0, []
    for seed in range(100):
        one, made = still(seed, doubt=1.0)
        assert np.ptp(made.metres[:, 2]) < 1e-6
        heights = made.attributes["height"]
        assert heights.dtype == np.float32
        if not heights.any():
            forgotten += 1
            continue
        wrong = (heights - one.attributes["height"])[:, 0]
        plane = np.column_stack((made.metres[:, :2], np.ones(len(made))))
        (*lean, level), *_ = np.linalg.lstsq(plane, wrong, rcond=None)
        np.testing.assert_allclose(plane @ (*lean, level), wrong, atol=1e-4)
        assert np.abs(lean).max() <= LEAN
        off.append(abs(level))
    assert 15 < forgotten < 45
    assert OFF / 2 < max(off) < OFF + 2 * LEAN  # the phase of the lattice besides


def test_as_much_as_the_chance_says_is_doubted() -> None:
    changed = []
    for seed in range(200):
        one, made = still(seed, doubt=0.2)
        changed.append((made.attributes["height"] != one.attributes["height"]).any())
    assert 20 < sum(changed) < 64


def test_slope_and_doubt_repeat_and_are_off_unless_asked_for() -> None:
    chosen = {"slope": 0.8, "doubt": 1.0}
    for seed in range(8):
        one, again = (augment(crop(1), np.random.default_rng(seed), **chosen) for _ in range(2))
        np.testing.assert_array_equal(one.metres, again.metres)
        np.testing.assert_array_equal(one.attributes["height"], again.attributes["height"])
        _, plain = still(seed)
        assert np.ptp(plain.metres[:, 2]) < 1e-6
