"""TiledPairs hold a kernel map, sorted; plain torch."""

from __future__ import annotations

import gc

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.nn.sparse.implicit_gemm.tiles import TILE, TiledPairs, tiles_of
from volseg.nn.sparse.pairs import Pairs


def random_pairs(taps: int, targets: int, seed: int, kinds: int = 5) -> Pairs:
    """A map whose rows have one of a few sets of taps."""
    rng = torch.Generator().manual_seed(seed)
    kind = torch.rand(taps, kinds, generator=rng) < 0.4
    present = kind[:, torch.randint(kinds, (targets,), generator=rng)]
    source = torch.randint(1000, (taps, targets), generator=rng, dtype=torch.int32)
    return Pairs(torch.where(present, source, -1), 1000, mirrored=False)


@given(st.integers(1, 130), st.integers(0, 3 * TILE), st.integers(0, 2**16))
@settings(max_examples=60, deadline=None)
def test_tiles_hold_the_pairs_and_list_what_is_there(taps: int, targets: int, seed: int) -> None:
    pairs = random_pairs(taps, targets, seed)
    tiles = TiledPairs.of(pairs)
    rows = tiles.rows[:targets].long()
    assert sorted(rows.tolist()) == list(range(targets))
    assert torch.equal(tiles.table[:, :targets], pairs.table[:, rows])
    assert (tiles.rows[targets:] == -1).all()
    assert (tiles.table[:, targets:] == -1).all()
    there = (tiles.table >= 0).reshape(taps, len(tiles.rows) // TILE, TILE).any(dim=2)
    for tile, (listed, count) in enumerate(zip(tiles.taps, tiles.tap_counts, strict=True)):
        assert listed[:count].tolist() == there[:, tile].nonzero().flatten().tolist()
    for tap, (listed, count) in enumerate(zip(tiles.tiles, tiles.tile_counts, strict=True)):
        assert listed[:count].tolist() == there[tap].nonzero().flatten().tolist()


@pytest.mark.parametrize("taps", [27, 130])
def test_rows_of_like_taps_stand_together_in_their_own_order(taps: int) -> None:
    tiles = TiledPairs.of(random_pairs(taps, 500, seed=1))
    sets = (tiles.table[:, :500] >= 0).t().tolist()
    changes = [place for place in range(1, 500) if sets[place] != sets[place - 1]]
    assert len(changes) == len({tuple(one) for one in sets}) - 1
    for begin, end in zip([0, *changes], [*changes, 500], strict=True):
        rows = tiles.rows[begin:end]
        assert (rows[1:] > rows[:-1]).all()


def test_tiles_are_kept_as_long_as_their_map() -> None:
    pairs = random_pairs(3, 10, seed=0)
    tiles = tiles_of(pairs)
    assert tiles_of(pairs) is tiles
    del pairs
    gc.collect()
    assert len(tiles_of.__globals__["_KNOWN"]) == 0
