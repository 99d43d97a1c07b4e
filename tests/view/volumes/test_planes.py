"""Slices that stand in the world: every pixel where its voxel is, in its colour."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.view.volumes.planes import grey, grey_limits, plane, tinted

AFFINE = np.array([[0, -2, 0, 10], [3, 0, 0, -5], [0, 0, 1.5, 0], [0, 0, 0, 1.0]])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_every_pixel_lies_where_its_voxel_is(axis: int) -> None:
    random = np.random.default_rng(axis)
    colours = random.integers(0, 255, (4, 5, 3)).astype(np.uint8)
    origin = np.array([7, 2, 3])
    mesh = plane(colours, axis, 9, origin, AFFINE)
    squares = mesh.xyz.reshape(4, 5, 4, 3)
    for u, v in np.ndindex(4, 5):
        cell = origin + np.insert(np.array([u, v]), axis, 0)
        cell[axis] = 9
        assert np.allclose(squares[u, v].mean(axis=0), AFFINE[:3, :3] @ cell + AFFINE[:3, 3])
    assert (mesh.colours.reshape(4, 5, 4, 3) == colours[:, :, None]).all()
    assert (mesh.triangles < len(mesh.xyz)).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (700, 512), (321, 1)])
def test_a_large_slice_has_fewer_pixels_and_the_same_extent(shape: tuple[int, int]) -> None:
    mesh = plane(np.zeros((*shape, 3), np.uint8), 2, 0, np.zeros(3, np.int64), np.eye(4))
    assert len(mesh.xyz) <= 4 * 320 * 320
    low, high = mesh.xyz.min(axis=0), mesh.xyz.max(axis=0)
    assert low[:2].tolist() == [-0.5, -0.5]
    assert np.allclose(high[:2], np.array(shape) - 0.5, atol=3)


def test_tints_lie_where_they_count() -> None:
    image = np.full((2, 2, 3), 100, np.uint8)
    where = np.array([[True, False], [False, False]])
    mixed = tinted(image, np.array([200, 100, 0]), where)
    assert (mixed[~where] == 100).all()
    assert mixed[0, 0, 0] > 140 > 60 > mixed[0, 0, 2]


def test_greys_span_the_values_but_for_a_few() -> None:
    values = np.append(np.arange(1000.0), [1e9, np.nan])
    limits = grey_limits(values)
    assert limits[1] < 1100
    shades = grey(values, limits)
    assert (np.diff(shades[10:990, 0].astype(int)) >= 0).all()
    assert (shades[0], shades[1000]) == pytest.approx((0, 255))
    assert (shades[1001] == 0).all()


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan])
def test_a_constant_image_is_grey(value: float) -> None:
    values = np.full((3, 3), value)
    assert grey(values, grey_limits(values)).shape == (3, 3, 3)
