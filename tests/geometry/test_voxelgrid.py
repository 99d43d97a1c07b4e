from __future__ import annotations

import tracemalloc
from collections import Counter
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry import PointCloud, VoxelGrid, blocks, voxelize
from volseg.geometry.voxelgrid import voxelize_metres

ORIGINS = st.sampled_from([(0.0, 0.0, 0.0), (654321.0, 6543210.0, 100.0), (-7e6, 5e5, -1e4)])


@st.composite
def scenes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, float]:
    """Coordinates with crowded voxels and repeated points, values, and a voxel size."""
    count = draw(st.integers(2, 60))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    steps = generator.integers(-12, 12, (count, 3)) * draw(st.sampled_from([0.01, 0.125, 0.3]))
    xyz = (
        steps + draw(ORIGINS) + generator.normal(size=(count, 3)) * draw(st.sampled_from([0, 1e-3]))
    )
    assume((xyz != xyz[0]).any())
    values = generator.normal(size=(count, 2)) * 10 ** generator.uniform(-8, 8, (count, 1))
    return xyz, values, draw(st.sampled_from([0.1, 0.2, 0.25, 1.0, 7.0]))


def same(a: VoxelGrid, b: VoxelGrid) -> bool:
    parts = ("coords", "origin", "counts")
    return all(np.array_equal(getattr(a, part), getattr(b, part)) for part in parts)


def bits(values: np.ndarray) -> bytes:
    return np.ascontiguousarray(values).tobytes()


@given(scenes(), st.integers(0, 2**32))
@settings(deadline=None)
def test_any_order_of_the_points_gives_the_same_grid_to_the_bit(scene, seed):
    xyz, values, size = scene
    order = np.random.default_rng(seed).permutation(len(xyz))
    labels = (np.abs(values[:, 0] * 1e9) % 4).astype(np.int64)
    one, other = voxelize(PointCloud(xyz), size), voxelize(PointCloud(xyz[order]), size)
    assert same(one, other)
    assert np.array_equal(one.inverse[order], other.inverse)
    assert bits(one.mean(values)) == bits(other.mean(values[order]))
    assert bits(one.first(values, xyz)) == bits(other.first(values[order], xyz[order]))
    assert np.array_equal(one.majority(labels), other.majority(labels[order]))


@given(scenes())
@settings(deadline=None)
def test_every_point_is_sent_to_the_voxel_around_it(scene):
    xyz, _, size = scene
    grid = voxelize(PointCloud(xyz), size)
    cells = grid.coords + grid.origin
    assert np.array_equal(cells[grid.inverse], np.floor(xyz / size).astype(np.int64))
    assert np.array_equal(grid.counts, np.bincount(grid.inverse, minlength=len(grid)))
    assert grid.coords.min(axis=0).tolist() == [0, 0, 0]
    assert [tuple(c) for c in grid.coords] == sorted({tuple(c) for c in grid.coords.tolist()})
    distance = np.abs(grid.centres()[grid.inverse] - xyz).max()
    assert distance <= size / 2 + 1e-8


@given(scenes(), st.tuples(*[st.integers(-(10**5), 10**5)] * 3))
@settings(deadline=None)
def test_moving_by_whole_voxels_moves_the_origin_only(scene, shift):
    # A size and coordinates that binary numbers hold, so that the move itself is exact.
    xyz, size = np.round(scene[0] * 64) / 64, 0.25
    assume((xyz != xyz[0]).any())
    here = voxelize(PointCloud(xyz), size)
    there = voxelize(PointCloud(xyz + np.array(shift) * size), size)
    assert np.array_equal(here.coords, there.coords)
    assert np.array_equal(here.inverse, there.inverse)
    assert np.array_equal(here.origin + shift, there.origin)


@given(scenes())
@settings(deadline=None)
def test_means_and_firsts_and_majorities_agree_with_a_loop(scene):
    xyz, values, size = scene
    grid = voxelize(PointCloud(xyz), size)
    labels = np.arange(len(xyz)) % 3
    for voxel in range(len(grid)):
        members = np.flatnonzero(grid.inverse == voxel)
        scale = np.abs(values).max()
        assert np.allclose(grid.mean(values)[voxel], values[members].mean(0), atol=1e-12 * scale)
        first = min(members, key=lambda i: (*xyz[i], *values[i]))
        assert np.array_equal(grid.first(values, xyz)[voxel], values[first])
        votes = Counter(labels[members].tolist())
        best = max(votes.values())
        assert grid.majority(labels)[voxel] == min(k for k, n in votes.items() if n == best)


@given(scenes())
@settings(deadline=None)
def test_values_of_voxels_go_out_and_come_home(scene):
    xyz, _, size = scene
    grid = voxelize(PointCloud(xyz), size)
    ids = np.arange(len(grid))
    delivered = grid.to_points(ids)
    assert np.array_equal(grid.majority(delivered), ids)
    assert np.array_equal(grid.mean(delivered), ids)
    assert np.array_equal(grid.first(delivered, xyz), ids)
    with pytest.raises(InputError, match="one a voxel"):
        grid.to_points(np.zeros(len(grid) + 1))


@st.composite
def large_scenes(draw: st.DrawFn) -> tuple[np.ndarray, float]:
    """Points along a path or anywhere, near zero or far from it, with or without a stray."""
    count = draw(st.integers(1, 400))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    steps = random.normal(size=(count, 3)) * draw(st.sampled_from([0.01, 0.3, 20.0]))
    xyz = draw(ORIGINS) + (np.cumsum(steps, axis=0) if draw(st.booleans()) else steps)
    if draw(st.booleans()):
        xyz[random.integers(count)] = 0.0
    return xyz, draw(st.sampled_from([0.2, 0.5, 1.0]))


@given(large_scenes(), st.sampled_from([1, 7, 64, 1000]))
@settings(deadline=None)
def test_blocks_of_any_length_give_the_grid_that_numpy_unique_gives(scene, block):
    xyz, size = scene
    with patch.object(blocks, "BLOCK", block):
        grid = voxelize_metres(xyz, size)
    cells = np.floor(xyz / size).astype(np.int64)
    wanted, inverse, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    assert np.array_equal(grid.coords + grid.origin, wanted)
    assert np.array_equal(grid.origin, cells.min(axis=0))
    assert np.array_equal(grid.inverse, inverse.reshape(-1))
    assert np.array_equal(grid.counts, counts)


@given(scenes())
@settings(deadline=None)
def test_statistics_do_not_depend_on_the_length_of_blocks(scene):
    xyz, values, size = scene
    labels = (np.abs(values[:, 0] * 1e9) % 4).astype(np.int64)
    one = voxelize(PointCloud(xyz), size)
    with patch.object(blocks, "BLOCK", 5):
        other = voxelize(PointCloud(xyz), size)
        mean, majority = other.mean(values), other.majority(labels)
    assert same(one, other)
    assert bits(one.mean(values)) == bits(mean)
    assert np.array_equal(one.majority(labels), majority)


@pytest.mark.parametrize("side", [30.0, 1000.0])
def test_memory_keeps_within_its_bound(side):
    xyz = np.random.default_rng(0).uniform(0, side, (500_000, 3))
    with patch.object(blocks, "BLOCK", 4096):
        tracemalloc.start()
        grid = voxelize_metres(xyz, 1.0)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 32 * len(xyz) + 56 * len(grid) + blocks.THREADS * 4096 * 200


def test_labels_may_lie_as_far_apart_as_integers_do():
    xyz = np.array([[0.1, 0, 0], [0.2, 0, 0], [0.3, 0, 0], [5, 0, 0]])
    grid = voxelize(PointCloud(xyz), 1.0)
    low, high = -(2**63), 2**63 - 1
    assert grid.majority(np.array([low, high, high, low])).tolist() == [high, low]


def test_ties_go_to_the_smallest_label():
    xyz = np.array([[0.1, 0, 0], [0.2, 0, 0], [0.3, 0, 0], [0.4, 0, 0], [5, 0, 0]])
    grid = voxelize(PointCloud(xyz), 1.0)
    assert grid.majority(np.array([9, 2, 2, 9, 7])).tolist() == [2, 7]
    assert grid.majority(np.array([9, -1, -1, 9, 7])).tolist() == [-1, 7]


def test_adjoining_tiles_share_one_lattice():
    xyz = np.random.default_rng(0).uniform(0, 50, (3000, 3)) + [654321.0, 6543210.0, 0]
    whole = voxelize(PointCloud(xyz), 0.7)
    cells = {tuple(c) for c in (whole.coords + whole.origin).tolist()}
    parts = set()
    for side in (xyz[:, 0] < 654340, xyz[:, 0] >= 654340):
        part = voxelize(PointCloud(xyz[side]), 0.7)
        parts |= {tuple(c) for c in (part.coords + part.origin).tolist()}
    assert parts == cells


def test_voxels_are_metres_whatever_the_unit():
    feet = np.random.default_rng(0).uniform(0, 100, (500, 3))
    units = (0.3048, 0.3048, 1.0)
    one = voxelize(PointCloud(feet, metres_per_unit=units), 0.5)
    other = voxelize(PointCloud(feet * units), 0.5)
    assert same(one, other)


def test_mean_refuses_values_it_cannot_add():
    grid = voxelize(PointCloud(np.eye(3)), 1.0)
    for bad in (np.nan, np.inf):
        with pytest.raises(InputError, match="NaN or infinite"):
            grid.mean(np.array([0, bad, 1]))
    assert grid.mean(np.zeros((3, 2))).tolist() == np.zeros((len(grid), 2)).tolist()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3))
def test_mean_of_one_value_is_that_value_to_the_last_digits(values):
    grid = voxelize(PointCloud(np.eye(3) * 9), 1.0)
    peak = max(map(abs, values))
    got = grid.mean(np.array(values))[grid.inverse]
    assert np.abs(got - values).max() <= peak * 2.0**-58


@pytest.mark.parametrize("size", [1e-13, 1e-300])
def test_a_grid_too_large_for_its_key_is_an_error(size):
    with pytest.raises(InputError, match="larger voxels"):
        voxelize(PointCloud(np.array([[0.0, 0, 0], [1, 1, 1]])), size)


def test_a_grid_just_within_its_key_does_not_wrap_around():
    side = 2.0**20
    xyz = np.array([[0, 0, 0], [side, side, side], [side, 0, 0], [0, 0, side]])
    grid = voxelize(PointCloud(xyz), 1.0)
    assert grid.coords[grid.inverse].tolist() == xyz.tolist()
    with pytest.raises(InputError, match="64-bit key"):
        voxelize(PointCloud(xyz * 2), 1.0)


def test_cells_beyond_the_digits_of_a_float_are_an_error():
    with pytest.raises(InputError, match="64-bit"):
        voxelize(PointCloud(np.array([[2.0**53, 0, 0], [2.0**53 + 2, 0, 0]])), 1.0)


@pytest.mark.parametrize("size", [0, -1, np.nan, np.inf])
def test_sizes_that_are_no_lengths_are_refused(size):
    with pytest.raises(InputError, match="voxel size"):
        voxelize(PointCloud(np.eye(3)), size)


@pytest.mark.parametrize(
    ("xyz", "words"),
    [
        (np.empty((0, 3)), "no points"),
        (np.ones((1, 3)), "one point"),
        (np.ones((1234, 3)), "all 1,234 points in one place"),
    ],
)
def test_scans_of_no_extent_are_refused(xyz, words):
    with pytest.raises(InputError, match=words):
        voxelize(PointCloud(xyz), 1.0)


def test_a_crop_of_one_point_is_one_voxel():
    grid = voxelize_metres(np.array([[1.5, -2.5, 3.0]]), 1.0)
    assert (len(grid), grid.shape, grid.origin.tolist()) == (1, (1, 1, 1), [1, -3, 3])
