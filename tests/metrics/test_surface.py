"""Surface distances: areas of elements, and laws that any definition should keep."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.metrics.surface import (
    element_areas,
    hausdorff95,
    surface_dice,
    surface_distances,
)

Mask = NDArray[np.bool_]


@st.composite
def scenes(draw: st.DrawFn, nd: int | None = None) -> tuple[Mask, Mask, list[float]]:
    """Two masks that are not empty, of one shape, rough or in one piece; and spacings."""
    nd = nd or draw(st.integers(2, 3))
    shape = [draw(st.integers(2, 7)) for _ in range(nd)]
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    share = draw(st.sampled_from([0.05, 0.4, 0.9]))
    masks = [rng.random(shape) < share for _ in range(2)]
    for mask in masks:
        mask[tuple(rng.integers(0, shape))] = True
    spacing = [draw(st.sampled_from([0.5, 1.0, 1.25, 3.0])) for _ in range(nd)]
    return masks[0], masks[1], spacing


class TestAreas:
    def test_one_voxel_is_an_octahedron(self) -> None:
        # Its corners lie half a voxel from the voxel's centre.
        one = np.zeros((2, 2, 2), bool)
        one[1, 1, 1] = True
        areas = surface_distances(one, one, (1, 1, 1)).areas[0]
        np.testing.assert_allclose(areas, [math.sqrt(3) / 8] * 8, rtol=1e-12)

    def test_flat_faces_have_the_area_of_the_cell(self) -> None:
        table = element_areas(np.array([2.0, 3.0, 5.0]))
        assert table[0b11110000] == pytest.approx(15)
        assert table[0b11001100] == pytest.approx(10)
        assert table[0b10101010] == pytest.approx(6)
        assert table[0] == table[255] == 0
        assert element_areas(np.array([2.0, 3.0]))[0b1100] == pytest.approx(3)

    def test_outside_is_inside_out(self) -> None:
        for nd in (2, 3):
            table = element_areas(np.ones(nd))
            np.testing.assert_allclose(table, table[::-1], rtol=1e-12)


class TestLaws:
    @given(scenes())
    @settings(max_examples=60, deadline=None)
    def test_brute_force(self, scene: tuple[Mask, Mask, list[float]]) -> None:
        """Elements lie where a cell's corners differ; distances by all pairs of them."""
        one, two, spacing = scene
        found = surface_distances(one, two, spacing)
        places = []
        for mask in (one, two):
            padded = np.pad(mask, 1)
            cells = [
                index
                for index in np.ndindex(*(side - 1 for side in padded.shape))
                if 0 < padded[tuple(slice(i, i + 2) for i in index)].sum() < 2**mask.ndim
            ]
            places.append(np.array(cells) * spacing)
        apart = np.linalg.norm(places[0][:, None] - places[1][None], axis=2)
        np.testing.assert_allclose(found.distances[0], np.sort(apart.min(axis=1)))
        np.testing.assert_allclose(found.distances[1], np.sort(apart.min(axis=0)))
        bounds = []
        for share in (0.95 - 1e-9, 0.95 + 1e-9):
            least = [
                min(d for d in distances if areas[distances <= d].sum() >= share * areas.sum())
                for distances, areas in zip(found.distances, found.areas, strict=True)
            ]
            bounds.append(max(least))
        assert bounds[0] <= found.hausdorff95() <= bounds[1]

    @given(scenes())
    @settings(max_examples=30, deadline=None)
    def test_identical(self, scene: tuple[Mask, Mask, list[float]]) -> None:
        one, _, spacing = scene
        assert hausdorff95(one, one, spacing) == 0
        assert surface_dice(one, one, spacing, 0) == 1

    @given(scenes(), st.sampled_from([0.0, 0.5, 1.0, 2.5]))
    @settings(max_examples=50, deadline=None)
    def test_symmetric(self, scene: tuple[Mask, Mask, list[float]], tolerance: float) -> None:
        one, two, spacing = scene
        there, back = surface_distances(one, two, spacing), surface_distances(two, one, spacing)
        assert there.hausdorff95() == back.hausdorff95()
        assert there.dice(tolerance) == pytest.approx(back.dice(tolerance), rel=1e-12)

    @given(scenes(), st.sampled_from([0.1, 2.0, 7.3]))
    @settings(max_examples=40, deadline=None)
    def test_scaling(self, scene: tuple[Mask, Mask, list[float]], factor: float) -> None:
        one, two, spacing = scene
        larger = [factor * side for side in spacing]
        wanted = factor * hausdorff95(one, two, spacing)
        assert hausdorff95(one, two, larger) == pytest.approx(wanted, rel=1e-12)
        # One tolerance is a distance that occurs, and must count on both scales.
        for limit in (1.25, 0.6):
            wanted = surface_dice(one, two, spacing, limit)
            found = surface_dice(one, two, larger, factor * limit)
            assert found == pytest.approx(wanted, rel=1e-12)

    @given(scenes(), st.data())
    @settings(max_examples=50, deadline=None)
    def test_axes_may_turn(
        self, scene: tuple[Mask, Mask, list[float]], data: st.DataObject
    ) -> None:
        one, two, spacing = scene
        order = data.draw(st.permutations(range(one.ndim)))
        flips = tuple(slice(None, None, data.draw(st.sampled_from([1, -1]))) for _ in order)
        plain = surface_distances(one, two, spacing)
        turned = surface_distances(
            one.transpose(order)[flips], two.transpose(order)[flips], [spacing[k] for k in order]
        )
        assert turned.hausdorff95() == pytest.approx(plain.hausdorff95(), rel=1e-12)
        assert turned.dice(1) == pytest.approx(plain.dice(1), rel=1e-12)

    @given(scenes(), st.integers(0, 5), st.integers(0, 5))
    @settings(max_examples=30, deadline=None)
    def test_the_grid_around_does_not_matter(
        self, scene: tuple[Mask, Mask, list[float]], before: int, after: int
    ) -> None:
        one, two, spacing = scene
        wide = surface_distances(
            np.pad(one, (before, after)), np.pad(two, (before, after)), spacing
        )
        plain = surface_distances(one, two, spacing)
        assert wide.hausdorff95() == pytest.approx(plain.hausdorff95(), rel=1e-12)
        assert wide.dice(1.25) == pytest.approx(plain.dice(1.25), rel=1e-12)

    @pytest.mark.parametrize("axis", range(3))
    @pytest.mark.parametrize("voxels", [1, 3])
    def test_a_cube_moved(self, axis: int, voxels: int) -> None:
        spacing = (0.6, 0.6, 4.0)
        one = np.zeros((40, 40, 40), bool)
        one[10:30, 10:30, 10:30] = True
        moved = np.roll(one, voxels, axis)
        step = voxels * spacing[axis]
        assert hausdorff95(one, moved, spacing) == pytest.approx(step)
        assert surface_dice(one, moved, spacing, step) == 1
        assert surface_dice(one, moved, spacing, 0.99 * step) < 1

    @given(scenes(nd=2), st.integers(0, 2))
    @settings(max_examples=30, deadline=None)
    def test_one_slice_is_an_image(self, scene: tuple[Mask, Mask, list[float]], axis: int) -> None:
        one, two, spacing = scene
        flat = surface_distances(one, two, spacing)
        slab = surface_distances(
            np.expand_dims(one, axis), np.expand_dims(two, axis),
            [*spacing[:axis], 9.0, *spacing[axis:]],
        )  # fmt: skip
        assert slab.hausdorff95() == flat.hausdorff95()
        assert slab.dice(1) == flat.dice(1)

    def test_a_row_of_voxels(self) -> None:
        row = np.ones((5, 1, 1), bool)
        assert hausdorff95(row, row, (1, 1, 1)) == 0


@pytest.mark.parametrize(
    ("one", "two", "spacing"),
    [((2, 2, 2), (2, 2), (1, 1)), ((2, 2), (2, 2), (1, 1, 1)), ((2,), (2,), (1,))],
)
def test_shapes_that_do_not_fit(
    one: tuple[int, ...], two: tuple[int, ...], spacing: tuple[int, ...]
) -> None:
    with pytest.raises(InputError, match="wanted one shape"):
        hausdorff95(np.ones(one, bool), np.ones(two, bool), spacing)
