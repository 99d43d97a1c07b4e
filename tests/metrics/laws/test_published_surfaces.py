"""Surface distances of published cases, from the tests of other packages."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.metrics.surface import hausdorff95, surface_dice, surface_distances

Mask = NDArray[np.bool_]


def points(shape: tuple[int, ...], *places: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, bool)
    for place in places:
        mask[place] = True
    return mask


def mean(distances: Any, side: int) -> float:
    return float(np.average(distances.distances[side], weights=distances.areas[side]))


class TestDeepMind:
    """The cases of google-deepmind/surface-distance, surface_distance_test.py (Apache-2.0)."""

    def test_two_pixels_apart(self) -> None:
        one, two = points((128, 128), (50, 70)), points((128, 128), (50, 72))
        found = surface_distances(two, one, (2, 1))
        for side in (0, 1):
            np.testing.assert_array_equal(found.distances[side], [1, 1, 2, 2])
            np.testing.assert_allclose(found.areas[side], [0.5 * math.sqrt(5)] * 4, rtol=1e-15)
            assert mean(found, side) == 1.5
        assert found.hausdorff95() == 2
        assert found.dice(1) == pytest.approx(0.5)

    def test_two_squares(self) -> None:
        truth, guess = np.zeros((2, 6, 6), bool)
        truth[1:3, 1:3] = guess[1:4, 1:3] = True
        found = surface_distances(truth, guess, (2, 1))
        diagonal = 0.5 * math.sqrt(5)
        # Its elements, from the top left corner clockwise, and their distances.
        areas = (
            [diagonal, 1, diagonal, 2, diagonal, 1, diagonal, 2],
            [diagonal, 1, diagonal, 2, 2, diagonal, 1, diagonal, 2, 2],
        )
        distances = [0] * 5 + [1] + [0] * 2, [0] * 5 + [2] * 3 + [0] * 2
        for side in (0, 1):
            wanted = np.array(sorted(zip(distances[side], areas[side], strict=True)))
            np.testing.assert_array_equal(found.distances[side], wanted[:, 0])
            np.testing.assert_allclose(found.areas[side], wanted[:, 1], rtol=1e-15)

    def test_two_voxels_apart(self) -> None:
        one, two = points((128,) * 3, (50, 60, 70)), points((128,) * 3, (50, 60, 72))
        found = surface_distances(one, two, (3, 2, 1))
        assert [mean(found, 0), mean(found, 1)] == pytest.approx([1.5, 1.5])
        assert found.hausdorff95() == 2
        assert found.dice(1) == pytest.approx(0.5)

    def test_two_cubes(self) -> None:
        truth, guess = np.zeros((2, 100, 100, 100), bool)
        truth[:50] = guess[:51] = True
        found = surface_distances(truth, guess, (2, 1, 1))
        assert mean(found, 0) == pytest.approx(0.322, abs=5e-4)
        assert mean(found, 1) == pytest.approx(0.339, abs=5e-4)
        assert found.hausdorff95() == 2
        # The first digits are DeepMind's, all of them MONAI's (`use_subvoxels=True`).
        assert found.dice(1) == pytest.approx(0.836145, abs=5e-7)

    @pytest.mark.parametrize("shape", [(128, 128), (64, 64, 64)])
    def test_empty_masks(self, shape: tuple[int, ...]) -> None:
        nothing, something = np.zeros(shape, bool), points(shape, (50,) * len(shape))
        spacing = (3, 2, 1)[: len(shape)]
        for pair in ((nothing, something), (something, nothing)):
            assert hausdorff95(pair[0], pair[1], spacing) == math.inf
            assert surface_dice(pair[0], pair[1], spacing, 1) == 0
        # DeepMind's HD95 of two empty masks is infinite; ours, like its Dice, is NaN.
        assert math.isnan(hausdorff95(nothing, nothing, spacing))
        assert math.isnan(surface_dice(nothing, nothing, spacing, 1))

    def test_more_masks(self) -> None:
        """What version 0.1 of the package gives; MONAI 1.6.1 gives the same surface Dice."""
        g = np.ogrid[:24, :20, :16]
        one = ((g[0] - 11) / 8) ** 2 + ((g[1] - 9) / 6) ** 2 + ((g[2] - 7) / 5) ** 2 <= 1
        two = ((g[0] - 12) / 7) ** 2 + ((g[1] - 10) / 7) ** 2 + ((g[2] - 8) / 4) ** 2 <= 1
        found = surface_distances(one, two, (0.7, 1.1, 2.5))
        assert found.hausdorff95() == pytest.approx(3.2649655434629015, rel=1e-12)
        assert found.dice(1.5) == pytest.approx(0.8042321953971331, rel=1e-12)

    @pytest.mark.parametrize(
        ("plane", "spacing", "tolerance", "hd95", "dice"),
        [
            (np.s_[:], (0.5, 0.9, 3.0), 0.95, 0.9, 0.9819047094245392),
            (np.s_[:, :, 3], (0.5, 1.25), 0.6, 1.25, 0.8777835249643217),
        ],
    )
    def test_rough_masks(
        self, plane: Any, spacing: tuple[float, ...], tolerance: float, hd95: float, dice: float
    ) -> None:
        """The same package's, of masks whose cells have all sorts of corners."""
        x, y, z = np.ogrid[:12, :11, :10]
        one = (x * x * 7 + y * y * 11 + z * z * 13 + x * y * z) % 5 < 2
        two = (x * x * 3 + y * y * 5 + z * z * 7 + x * y * z) % 7 < 2
        found = surface_distances(one[plane], two[plane], spacing)
        assert found.hausdorff95() == pytest.approx(hd95, rel=1e-12)
        assert found.dice(tolerance) == pytest.approx(dice, rel=1e-12)


class TestMonai:
    """The spheres of Project-MONAI/MONAI, tests/metrics/test_hausdorff_distance.py (Apache-2.0).

    MONAI measures between boundary voxels, each of the same weight, so that its percentiles are
    others; the largest distance is the same.
    """

    SPACING = (0.85, 1.2, 0.9)

    @pytest.mark.parametrize(
        ("one", "two", "spacing", "wanted"),
        [
            ((20, (20, 20, 20)), (20, (19, 19, 19)), (1, 1, 1), 1.7320508075688772),
            ((33, (19, 33, 22)), (33, (20, 33, 22)), (1, 1, 1), 1),
            ((20, (20, 33, 22)), (40, (20, 33, 22)), (1, 1, 1), 20.223748416156685),
            ((20, (20, 20, 20)), (20, (19, 19, 19)), SPACING, 2.2671568),
            ((15, (20, 33, 22)), (30, (20, 33, 22)), SPACING, 15.62594),
        ],
    )
    def test_spheres(self, one: Any, two: Any, spacing: Any, wanted: float) -> None:
        def sphere(radius: float, centre: tuple[int, int, int]) -> Mask:
            grid = np.ogrid[:99, :99, :99]
            parts = zip(grid, spacing, centre, strict=True)
            return np.asarray(sum((x * s - c) ** 2 for x, s, c in parts) <= radius * radius)

        found = surface_distances(sphere(*one), sphere(*two), spacing)
        largest = max(float(way[-1]) for way in found.distances)
        assert largest == pytest.approx(wanted, rel=1e-6)
