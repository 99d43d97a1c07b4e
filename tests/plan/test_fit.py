"""Patch and batch: within the budget, larger with a larger one, and nnU-Net's bounds."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.plan.defaults import LARGEST_BATCH, LEAST_BATCH, WISHED_BATCH
from volseg.plan.fit import Budget, fit
from volseg.plan.memory import Cost
from volseg.plan.topology import Topology, largest

images = st.integers(2, 3).flatmap(
    lambda nd: st.tuples(
        st.lists(st.floats(0.3, 5), min_size=nd, max_size=nd),
        st.lists(st.integers(4, 300), min_size=nd, max_size=nd),
    )
)
Image = tuple[list[float], list[int]]
PLENTY = Budget(memory=10**15, voxels=None, dataset=10**12)


def cost(found: Topology) -> Cost:
    """As that of a U-Net: the finer stages take most, the coarser ones hold most weights."""
    return Cost(10**5 * len(found.kernels), 1000 + 10 * len(found.kernels))


@settings(deadline=None)
@given(images, st.integers(10**7, 10**11), st.none() | st.integers(10**4, 10**7))
def test_what_is_chosen_fits(image: Image, memory: int, voxels: int | None) -> None:
    spacing, median = image
    budget = Budget(memory, voxels, 10**12)
    found = fit(spacing, median, cost, budget)
    patch, nd = found.topology.patch, len(median)
    assert found.expected <= memory
    assert found.expected == cost(found.topology).of(found.batch * math.prod(patch))
    if voxels is not None:
        assert found.batch * math.prod(patch) <= voxels
    assert LEAST_BATCH <= found.batch <= LARGEST_BATCH[nd]
    padded = largest(spacing, median, 10**9).patch
    assert all(side <= most for side, most in zip(patch, padded, strict=True))
    assert not (np.array(patch) % found.topology.divisor).any()


@settings(deadline=None)
@given(images, st.integers(10**7, 10**10), st.floats(1, 100))
def test_more_memory_never_gives_less(image: Image, memory: int, factor: float) -> None:
    little = fit(*image, cost, Budget(memory, None, 10**12))
    much = fit(*image, cost, Budget(int(memory * factor), None, 10**12))
    pairs = zip(little.topology.patch, much.topology.patch, strict=True)
    assert all(less <= more for less, more in pairs)
    assert little.topology != much.topology or little.batch <= much.batch


def test_a_whole_small_image_in_the_largest_batch() -> None:
    found = fit((1, 1, 1), (36, 50, 35), cost, PLENTY)
    assert (found.topology.patch, found.batch) == ((40, 56, 40), LARGEST_BATCH[3])


def test_a_batch_is_a_twentieth_of_the_dataset() -> None:
    # Task04_Hippocampus: 260 cases, and nnU-Net's published batch of 9.
    dataset = 260 * 36 * 50 * 35
    assert replace(PLENTY, dataset=dataset).covered(40 * 56 * 40) == 9
    assert replace(PLENTY, dataset=1).covered(1000) == LEAST_BATCH
    found = fit((1, 1, 1), (36, 50, 35), cost, replace(PLENTY, dataset=dataset // 4))
    assert found.batch == LEAST_BATCH


def test_patches_shrink_until_the_wished_batch_fits() -> None:
    budget = replace(PLENTY, voxels=2**20)
    for nd, median in ((2, (900, 900)), (3, (200, 200, 200))):
        found = fit((1,) * nd, median, cost, budget)
        assert found.batch >= WISHED_BATCH[nd]


def test_too_little_memory_is_told() -> None:
    with pytest.raises(InputError, match=r"needs 1 MB for 2 patches of 8 x 8 x 8; .* 0 MB, give"):
        fit((1, 1, 1), (64, 64, 64), lambda _: Cost(10**6, 1), Budget(1000, None, 10**9))
