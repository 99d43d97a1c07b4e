"""Large volumes: what is left out, and what never is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.report.volumes.cut import cut, worst

SIDES = st.tuples(*[st.integers(1, 12)] * 3)
SPACING = np.array([1.0, 1.0, 3.0])


@given(sides=SIDES, most=st.integers(1, 600), share=st.floats(0, 0.3), seed=st.integers(0, 99))
def test_few_enough_are_drawn_and_no_mistake_is_lost(
    sides: tuple[int, int, int], most: int, share: float, seed: int
) -> None:
    wrong = np.random.default_rng(seed).random(sides) < share
    part = cut(wrong, SPACING, most)
    chosen = part.chosen(wrong)
    assert chosen.shape == (3, *part.grid)
    assert np.prod(part.grid) <= most
    for axis in range(3):  # every drawn voxel is one of its block
        first = np.arange(part.grid[axis]) * part.steps[axis] + part.start[axis]
        shape = [-1 if axis == other else 1 for other in range(3)]
        behind = chosen[axis] - first.reshape(shape)
        assert (behind >= 0).all()
        assert (behind < part.steps[axis]).all()
    for counts in part.counts(wrong):
        assert sum(counts) == wrong.sum()
    drawn = wrong[tuple(chosen)]
    blocks = part.mean(wrong.astype(np.float64)) > 0
    assert (drawn == blocks).all()


def test_a_small_volume_is_drawn_as_it_is() -> None:
    random = np.random.default_rng(0)
    values = random.random((5, 6, 7))
    part = cut(values > 2, SPACING, 210)
    assert (values[tuple(part.chosen(values > 0.5))] == values).all()
    assert (part.mean(values) == values).all()


def test_of_a_large_one_the_part_around_classes_stays_fine() -> None:
    busy = np.zeros((40, 40, 40), bool)
    busy[10:18, 20:28, 30:38] = True
    part = cut(busy, SPACING, 2000)
    assert part.steps == (1, 1, 1)
    assert part.box == (slice(8, 20), slice(18, 30), slice(28, 40))


def test_blocks_are_cubes_of_millimetres() -> None:
    assert cut(np.ones((60, 60, 20), bool), SPACING, 60 * 60 * 20 // 9).steps == (3, 3, 1)


@pytest.mark.parametrize(
    ("counts", "slices"),
    [([0, 5, 9, 5, 0, 0, 3, 0, 0] + [0] * 8, [2, 6]), ([0, 0], []), ([4], [0])],
)
def test_worst_slices_lie_apart(counts: list[int], slices: list[int]) -> None:
    assert worst(counts) == slices
