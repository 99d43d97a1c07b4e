"""Birds are noise; wires, masts, towers, crags and trees are not, however few points they have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.geometry.ground.high_noise import high_of, merge, voxels_of

SIDE = 80.0
Floats = NDArray[np.float64]


def plain(random: np.random.Generator, density: float = 4.0) -> Floats:
    count = int(SIDE * SIDE * density)
    return random.uniform((0, 0, 0), (SIDE, SIDE, 0.3), (count, 3))


def found(*things: Any, seed: int = 0, density: float = 4.0) -> NDArray[np.bool_]:
    """Which points of things over a plain somewhere are noise; none of the plain is."""
    random = np.random.default_rng(seed)
    ground = plain(random, density)
    every = np.concatenate((ground, *map(np.atleast_2d, things))) + random.uniform(0, 500, 3)
    noise = high_of(voxels_of(every)).is_noise(every)
    assert not noise[: len(ground)].any()
    return noise[len(ground) :]


def line(start: Any, stop: Any, count: int) -> Floats:
    return np.linspace(start, stop, count)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("height", [30.0, 70.0, 300.0, 9000.0])
def test_a_few_points_in_the_air_are_noise(height: float, count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    spot = (*random.uniform(12, SIDE - 12, 2), height) + random.uniform(0, 1, (count, 3))
    assert found(spot, seed=seed).all()


@pytest.mark.parametrize("density", [0.05, 0.3])
def test_far_up_they_are_in_sparse_scans_and_at_their_edges(density: float) -> None:
    assert found((1.0, 1.0, 500.0), density=density).all()


def test_over_woods_and_beside_each_other_at_any_height() -> None:
    random = np.random.default_rng(0)
    wood = random.uniform((0, 0, 0), (SIDE, SIDE, 25), (30_000, 3))
    birds = np.array([(30.0, 30, 55), (50, 30, 90), (30, 52, 140)])
    noise = found(wood, birds)
    assert noise[-3:].all()
    assert not noise[:-3].any()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("density", [0.1, 0.5, 4.0])
@pytest.mark.parametrize(
    "thing",
    [
        line((0, 30, 30), (SIDE, 40, 32), 40),  # a wire
        line((0, SIDE - 3, 35), (3, SIDE, 35), 3),  # the end of one that crosses a corner
        line((40, 40, 4), (40, 40, 60), 5),  # a mast that is hit now and then
        line((40, 40, 2), (41, 40, 100), 4),
        line((40, 40, 0), (40, 40, 19), 2),  # a lamp
        np.random.default_rng(0).uniform((40, 40, 0), (43, 43, 70), (60, 3)),  # a tower
        np.random.default_rng(0).uniform((40, 40, 45), (46, 46, 46), (4, 3)),  # a roof
        line((20, 40, 50), (60, 40, 50), 8),  # the jib of a crane
        [(SIDE + 500.0, 40, 50)],  # alone, with nothing below
    ],
)
def test_what_stands_is_none(thing: Any, density: float, seed: int) -> None:
    assert not found(thing, seed=seed, density=density).any()


@pytest.mark.parametrize("density", [0.005, 0.02, 0.05])
def test_treetops_of_the_sparsest_scans_are_none(density: float) -> None:
    random = np.random.default_rng(1)
    trees = random.uniform((0, 0, 15), (SIDE, SIDE, 45), (max(2, int(SIDE**2 * density / 3)), 3))
    assert not found(trees, density=density).any()


def test_the_edge_of_a_cliff_is_none() -> None:
    x, y = np.meshgrid(np.arange(0, SIDE, 0.5), np.arange(0, SIDE, 0.5))
    for edge in (SIDE - 0.6, 40.2):
        z = np.where(x + y > SIDE + edge - 1, 40.0, 0.0)
        metres = np.stack((x, y, z), axis=-1).reshape(-1, 3)
        assert not high_of(voxels_of(metres)).is_noise(metres).any()


def test_any_parts_and_any_order_have_the_same_voxels() -> None:
    random = np.random.default_rng(3)
    metres = np.concatenate((plain(random), [(40.0, 40, 60)])) - (100, 30, 7)
    whole = voxels_of(metres)
    mixed = random.permutation(metres)
    np.testing.assert_array_equal(merge([whole]), whole)
    parts = [voxels_of(part) for part in np.split(mixed, [0, 3, 4000])]
    np.testing.assert_array_equal(merge(parts), whole)
    assert high_of(merge(parts)).is_noise(metres).sum() == 1
    assert len(merge([])) == len(voxels_of(metres[:0])) == 0
    assert not high_of(merge([])).is_noise(metres).any()
