"""Resampled labels: no new ids, and the same for any order and direction of the axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.geometry.resample import (
    resample,
    resample_labels,
)

GRIDS = st.tuples(*[st.integers(1, 12)] * 3)


def blobs(grid: tuple[int, ...], ids: list[int], seed: int) -> np.ndarray[Any, Any]:
    """Random labels in patches of a few cells."""
    rng = np.random.default_rng(seed)
    coarse = rng.choice(np.array(ids, dtype=np.int16), [-(-side // 3) for side in grid])
    x, y, z = (np.arange(side) // 3 for side in grid)
    return np.asarray(coarse[np.ix_(x, y, z)])


IDS = st.lists(st.integers(-1, 300), min_size=1, max_size=5, unique=True)


class TestLabels:
    @given(GRIDS, GRIDS, IDS, st.integers(0, 99))
    @settings(max_examples=60, deadline=None)
    def test_argmax_of_resampled_ids(
        self, old: tuple[int, ...], new: tuple[int, ...], ids: list[int], seed: int
    ) -> None:
        labels = blobs(old, ids, seed)
        kinds: Any = ("linear", "linear", "nearest")
        found = resample_labels(labels, new, kinds)
        assert found.dtype == labels.dtype
        assert found.shape == new
        known = np.unique(labels)
        assert np.isin(found, known).all()
        flags = torch.from_numpy((labels == known[:, None, None, None]).astype(np.float64))
        shares = resample(flags, new, kinds).numpy()
        chosen = np.take_along_axis(shares, np.searchsorted(known, found)[None], 0)[0]
        lower = (known[:, None, None, None] < found) & (shares > chosen - 1e-6)
        np.testing.assert_allclose(chosen, shares.max(0), atol=1e-4)
        assert not lower.any()  # ties go to the lower id

    @given(GRIDS, IDS, st.integers(1, 4), st.integers(0, 99))
    @settings(max_examples=40, deadline=None)
    def test_nearest_up_and_down_is_identity(
        self, grid: tuple[int, ...], ids: list[int], factor: int, seed: int
    ) -> None:
        labels, kinds = blobs(grid, ids, seed), ("nearest",) * 3
        large = resample_labels(labels, [factor * side for side in grid], kinds)
        np.testing.assert_array_equal(large, np.kron(labels, np.ones((factor,) * 3, np.int16)))
        np.testing.assert_array_equal(resample_labels(large, grid, kinds), labels)

    @given(
        GRIDS, GRIDS, IDS, st.permutations(range(3)), st.tuples(*[st.booleans()] * 3),
        st.integers(0, 99),
    )  # fmt: skip
    @settings(max_examples=60, deadline=None)
    def test_commutes_with_flips_and_permutations(
        self,
        old: tuple[int, ...],
        new: tuple[int, ...],
        ids: list[int],
        axes: list[int],
        flips: tuple[bool, ...],
        seed: int,
    ) -> None:
        labels, kinds = blobs(old, ids, seed), ("linear",) * 3
        mirrored = [axis for axis in range(3) if flips[axis]]

        def turn(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
            return np.flip(array.transpose(axes), mirrored)

        np.testing.assert_array_equal(
            resample_labels(turn(labels), [new[axis] for axis in axes], kinds),
            turn(resample_labels(labels, new, kinds)),
        )

    @pytest.mark.parametrize("grid", [(15, 23, 20), (20, 17, 29), (20, 12, 13)])
    def test_blocks_do_not_show(
        self, grid: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        labels, kinds = blobs((20, 17, 13), [0, 2, 7, -1], 0), ("linear",) * 3
        whole = resample_labels(labels, grid, kinds)
        monkeypatch.setattr("volseg.geometry.resample.BLOCK", 4)
        np.testing.assert_array_equal(resample_labels(labels, grid, kinds), whole)

    def test_half_the_cells_take_the_majority(self) -> None:
        labels = np.zeros((8, 8, 8), np.uint8)
        labels[:, :, 4:] = 255
        halved = resample_labels(labels, (4, 4, 4), ("linear",) * 3)
        np.testing.assert_array_equal(halved, labels[::2, ::2, ::2])

    def test_same_grid_is_identity(self) -> None:
        labels = blobs((5, 6, 7), [1, 2, 3], 0)
        np.testing.assert_array_equal(resample_labels(labels, (5, 6, 7), ("linear",) * 3), labels)
