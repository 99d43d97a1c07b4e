"""Kernel maps in blocks: of any size they hold the same pairs."""

from __future__ import annotations

import weakref

import pytest
import torch

from volseg.nn import Voxels, functional
from volseg.nn.sparse import pairs


@pytest.mark.parametrize("stride", [1, 2])
def test_blocks_of_any_size_give_the_same(
    make_voxels, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    x = make_voxels((8, 8, 8), shuffled=True)
    weight = torch.randn(4, 3, 3, 3, 3, dtype=torch.float64)
    results = []
    for most in (1, 50, 2**16):
        monkeypatch.setattr(pairs, "CPU_PAIRS", most)
        fresh = Voxels.of(x.coords, x.features, 2)
        results.append(functional.conv(fresh, weight, stride=stride).features)
    for other in results[1:]:
        torch.testing.assert_close(other, results[0])


@pytest.mark.parametrize("stride", [1, 2])
def test_pairs_that_only_fill_up_count_nowhere(
    make_voxels, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    x = make_voxels((8, 8, 8))
    weight = torch.randn(4, 3, 3, 3, 3, dtype=torch.float64, requires_grad=True)
    results = []
    for most in (1, 2**16):
        monkeypatch.setattr(pairs, "CPU_PAIRS", most)
        fresh = Voxels.of(x.coords, x.features, 2)
        y = functional.conv(fresh, weight, stride=stride).features
        results.append(torch.autograd.grad(y.square().sum(), (x.features, weight)))
        (kept,) = fresh.sites.built_pairs.values()
        filled = sum(len(block.repeats) for block in kept.reverse.blocks)
        assert (filled > 0) == (most > 1)
    torch.testing.assert_close(*results)


def test_the_reverse_of_the_reverse_is_what_was_there_and_no_circle_keeps_it() -> None:
    table = torch.tensor([[0, -1, 2], [1, 0, -1]], dtype=torch.int32)
    kept = pairs.Pairs(table, 4, False)
    back = kept.reverse
    assert back.reverse is kept
    assert kept.reverse is back
    gone = weakref.ref(kept)
    del kept
    assert gone() is None  # at once, not when circles are looked for
    torch.testing.assert_close(back.reverse.table, table)
