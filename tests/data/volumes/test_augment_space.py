"""Turned, scaled and mirrored patches: labels go where the image goes, and nothing is invented."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.data.volumes.augment_space import SpatialAugmentation, plane, sample_affine
from volseg.geometry.labels import IGNORE

QUARTER = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # about the first axis


def places(*grid: int) -> np.ndarray:
    """The index of every voxel, float32 (3, *grid)."""
    return np.indices(grid).astype(np.float32)


class TestSampling:
    @given(st.integers(0, 10_000), st.sampled_from([(6, 7, 8), (9, 8, 1), (1, 8, 9), (2, 9, 9)]))
    @settings(max_examples=60, deadline=None)
    def test_every_voxel_shows_what_lies_where_the_matrix_says(
        self, seed: int, patch: tuple[int, int, int]
    ) -> None:
        # An image that holds its own coordinates is interpolated exactly.
        random = np.random.default_rng(seed)
        grid = (20, 21, 22)
        matrix = SpatialAugmentation(1, 1, spacing=(1, 2, 0.7)).matrix(patch, random)
        assert matrix is not None
        start = random.integers(np.array(grid) - patch + 1)
        image, _ = sample_affine(places(*grid), np.zeros(grid, np.int8), start, patch, matrix)
        half = (np.array(patch) - 1) / 2
        offsets = places(*patch) - half[:, None, None, None]
        wanted = np.einsum("ij,jxyz->ixyz", matrix, offsets) + (start + half)[:, None, None, None]
        limits = np.array(grid)[:, None, None, None] - 1
        inside = ((wanted >= 0) & (wanted <= limits)).all(axis=0)
        assert inside.any()
        np.testing.assert_allclose(image.numpy()[:, inside], wanted[:, inside], atol=1e-3)

    @pytest.mark.parametrize("axis", [0, 1, 2])
    @pytest.mark.parametrize("patch", [(10, 11, 12), (14, 14, 3), (12, 13, 1)])
    def test_labels_stay_on_the_image(self, axis: int, patch: tuple[int, int, int]) -> None:
        grid = (16, 17, 18)
        here = places(*grid)[axis]
        image = np.stack((here, np.ones(grid, np.float32)))
        random = np.random.default_rng(3)
        seen = 0
        for _ in range(30):
            matrix = SpatialAugmentation(1, 1).matrix(patch, random)
            assert matrix is not None
            start = random.integers(np.array(grid) - patch + 1)
            shown, ids = sample_affine(image, here.astype(np.int8), start, patch, matrix)
            inside = shown[1] > 0.999
            assert (ids[inside] != IGNORE).all()
            assert (shown[0] - ids)[inside].abs().max() <= 0.5 + 1e-3
            seen += int(inside.sum())
        assert seen > 1000

    def test_a_quarter_turn_is_rot90(self) -> None:
        random = np.random.default_rng(0)
        image = random.normal(size=(2, 9, 9, 9)).astype(np.float32)
        labels = random.integers(-1, 5, (9, 9, 9)).astype(np.int8)
        start, patch = np.array([2, 1, 1]), (5, 7, 7)
        shown, ids = sample_affine(image, labels, start, patch, QUARTER)
        box = np.s_[..., 2:7, 1:8, 1:8]
        wanted = np.rot90(image[box], axes=(2, 3))
        np.testing.assert_allclose(shown.numpy(), wanted, atol=1e-4)
        np.testing.assert_array_equal(ids.numpy(), np.rot90(labels[box], axes=(1, 2)))

    def test_outside_the_case_nothing_is_taught(self) -> None:
        image, labels = np.ones((1, 6, 6, 6)), np.ones((6, 6, 6), np.int8)
        start, patch = np.array([-3, -3, -3]), (12, 12, 12)
        shown, ids = sample_affine(image, labels, start, patch, QUARTER)
        outside = torch.ones(patch, dtype=torch.bool)
        outside[3:9, 3:9, 3:9] = False
        assert (ids[outside] == IGNORE).all()
        assert (ids[~outside] == 1).all()
        assert shown[0, outside].abs().max() < 1e-4

    @given(st.integers(0, 10_000))
    @settings(max_examples=30, deadline=None)
    def test_no_label_is_invented(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        ids = random.choice([0, 3, 100], (8, 9, 10)).astype(np.int8)
        flags = np.stack((ids == 3, ids == 100)).astype(np.int8)
        matrix = SpatialAugmentation(1, 1).matrix((10, 8, 8), random)
        assert matrix is not None
        image = np.zeros((1, 8, 9, 10))
        _, one = sample_affine(image, ids, np.array([-1, 0, 1]), (10, 8, 8), matrix)
        _, two = sample_affine(image, flags, np.array([-1, 0, 1]), (10, 8, 8), matrix)
        assert set(one.unique().tolist()) <= {IGNORE, 0, 3, 100}
        assert one.dtype == torch.int64
        assert two.dtype == torch.int8
        known = one != IGNORE
        np.testing.assert_array_equal(two[0][known], (one == 3)[known])
        np.testing.assert_array_equal(two[1][known], (one == 100)[known])
        assert (two[:, ~known] == IGNORE).all()


class TestMatrix:
    def test_no_chance_no_change(self) -> None:
        assert SpatialAugmentation().matrix((8, 8, 8), np.random.default_rng(0)) is None
        assert SpatialAugmentation().mirrors(np.random.default_rng(0)) == []

    @given(st.integers(0, 10_000))
    def test_a_rotation_keeps_millimetres(self, seed: int) -> None:
        spacing = np.array((0.6, 1.0, 1.7))
        matrix = SpatialAugmentation(rotate=1, spacing=(0.6, 1.0, 1.7)).matrix(
            (9, 9, 9), np.random.default_rng(seed)
        )
        assert matrix is not None
        turn = matrix * spacing[:, None] / spacing
        np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(turn) == pytest.approx(1)

    @given(st.integers(0, 10_000))
    def test_scaling_is_the_same_along_all_axes(self, seed: int) -> None:
        matrix = SpatialAugmentation(scale=1).matrix((9, 9, 9), np.random.default_rng(seed))
        assert matrix is not None
        np.testing.assert_allclose(matrix, np.eye(3) * matrix[0, 0])
        assert 1 / 1.4 <= matrix[0, 0] <= 1 / 0.7

    @pytest.mark.parametrize(("patch", "still"), [((64, 64, 16), 2), ((5, 20, 20), 0)])
    def test_thick_slices_stay_slices(self, patch: tuple[int, int, int], still: int) -> None:
        random = np.random.default_rng(0)
        unit = np.eye(3)[still]
        angles = []
        for _ in range(50):
            matrix = SpatialAugmentation(1, 1).matrix(patch, random)
            assert matrix is not None
            np.testing.assert_array_equal(matrix[still], unit)
            np.testing.assert_array_equal(matrix[:, still], unit)
            angles.append(np.arctan2(*np.delete(np.delete(matrix, still, 0), still, 1)[:, 0]))
        assert np.ptp(angles) > np.pi

    @pytest.mark.parametrize(
        ("patch", "axes"),
        [
            ((40, 56, 40), (0, 1, 2)),
            ((256, 256, 16), (0, 1)),
            ((64, 1, 64), (0, 2)),
            ((200, 30, 1), (0, 1)),  # a long picture is turned in its plane
            ((90, 20, 20), (0, 1, 2)),
            ((200, 30), (0, 1)),
        ],
    )
    def test_plane(self, patch: tuple[int, ...], axes: tuple[int, ...]) -> None:
        assert plane(patch) == axes

    def test_mirrors_every_second_patch_along_each_axis(self) -> None:
        random = np.random.default_rng(0)
        drawn = [tuple(SpatialAugmentation(mirror=(0, 2)).mirrors(random)) for _ in range(400)]
        assert set(drawn) == {(), (0,), (2,), (0, 2)}
        assert all(abs(drawn.count(one) - 100) < 40 for one in set(drawn))
