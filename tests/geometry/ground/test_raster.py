"""Planes stay planes, parts are one terrain, and gaps are filled as far as asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.geometry.ground.terrains import bare, rolling
from volseg.errors import InputError
from volseg.geometry.ground import raster as module
from volseg.geometry.ground.raster import Floats, GroundRaster, RasterBuilder


def terrain_of(*parts: Floats, cell: float = 1.0, reach: float = 10.0) -> GroundRaster:
    builder = RasterBuilder(cell)
    for part in parts:
        builder.add(part)
    return builder.raster(reach)


def middles(terrain: GroundRaster) -> tuple[Floats, Floats]:
    """X and y of the middles of all cells, (Y, X)."""
    rows, columns = np.indices(terrain.height.shape)
    return (
        terrain.west + (columns + 0.5) * terrain.cell,
        terrain.north - (rows + 0.5) * terrain.cell,
    )


@settings(max_examples=10)
@given(
    st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
    st.integers(0, 10**6),
    st.sampled_from((0.5, 1.0, 3.0)),
    st.sampled_from((16, 256)),
)
def test_a_plane_stays_that_plane(
    slope: tuple[float, float], seed: int, cell: float, block: int
) -> None:
    random = np.random.default_rng(seed)
    corner = random.uniform(-1e5, 1e6, 2)
    xy = corner + random.uniform(0, 40, (400, 2))
    z = 100.0 + (xy - corner) @ slope
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        terrain = terrain_of(np.column_stack((xy, z)), cell=cell)
    x, y = middles(terrain)
    wanted = 100.0 + slope[0] * (x - corner[0]) + slope[1] * (y - corner[1])
    known = ~np.isnan(terrain.height)
    # The middle of a cell at the edge may lie outside all triangles; it has its points' mean.
    inner = known & (np.minimum(x - corner[0], y - corner[1]) > 5.0)
    inner &= np.maximum(x - corner[0], y - corner[1]) < 35.0
    assert inner.sum() * cell**2 > 800
    np.testing.assert_allclose(terrain.height[inner], wanted[inner], atol=2e-3)
    assert np.abs(terrain.height - wanted)[known].max() <= cell * np.abs(slope).sum() + 2e-3


def test_parts_in_any_order_and_blocks_are_one_terrain(monkeypatch: pytest.MonkeyPatch) -> None:
    points = bare(rolling, size=(60.0, 60.0)).metres
    whole = terrain_of(points)
    monkeypatch.setattr(module, "BLOCK", 16)
    order = np.random.default_rng(0).permutation(len(points))
    parts = terrain_of(*np.array_split(points[order], 5))
    assert (parts.west, parts.north, parts.cell) == (whole.west, whole.north, whole.cell)
    np.testing.assert_allclose(parts.height, whole.height, atol=1e-3)


def test_gaps_are_filled_as_far_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    points = bare(rolling, size=(60.0, 60.0)).metres
    middle = points[:, :2].mean(axis=0)
    ring = points[np.abs(points[:, :2] - middle).max(axis=1) > 10.0]
    far, near = terrain_of(ring, reach=40.0), terrain_of(ring, reach=8.0)
    x, y = middles(near)
    deep = np.maximum(np.abs(x - middle[0]), np.abs(y - middle[1]))
    assert not np.isnan(far.height[2:-2, 2:-2]).any()
    assert np.isnan(near.height[deep < 5.0]).all()
    same = ~np.isnan(near.height)
    assert same[(deep > 11.0) & (deep < 28.0)].all()
    np.testing.assert_allclose(near.height[same], far.height[same], atol=0.2)
    monkeypatch.setattr(module, "BLOCK", 16)
    for reach, whole in ((40.0, far), (8.0, near)):
        np.testing.assert_allclose(terrain_of(ring, reach=reach).height, whole.height, atol=1e-4)


def test_heights_of_cells_that_hold_points_stand_without_triangles() -> None:
    line = np.array([[0.5, 0.5, 3.0], [1.5, 1.5, 4.0]])
    height = terrain_of(line).height
    np.testing.assert_array_equal(height, [[np.nan, 4.0], [3.0, np.nan]])


def test_rasters_of_neighbours_share_their_lines() -> None:
    points = bare(rolling, size=(60.0, 60.0)).metres
    cut = points[:, 0].mean()
    left, right = terrain_of(points[points[:, 0] < cut]), terrain_of(points[points[:, 0] >= cut])
    for side in (left, right):
        assert side.west % side.cell == side.north % side.cell == 0


@pytest.mark.parametrize("cell", [0.0, -1.0, np.nan, np.inf])
def test_cells_have_a_size(cell: float) -> None:
    with pytest.raises(InputError, match="wanted a positive number"):
        RasterBuilder(cell)


def test_no_points_and_points_worlds_apart_are_refused() -> None:
    with pytest.raises(InputError, match="no points on the ground"):
        RasterBuilder(1.0).raster(1.0)
    with pytest.raises(InputError, match="too many; wanted larger cells"):
        terrain_of(np.array([[0.0, 0.0, 0.0], [1e8, 1e8, 0.0]]))
