"""The neighbour table against a dictionary."""

from __future__ import annotations

import itertools

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.nn import Voxels
from volseg.nn.sizes import phase
from volseg.nn.sparse.neighbours import Window

axis = st.integers(1, 3)
triple = st.tuples(axis, axis)


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(-5, 5), st.integers(-5, 5)), unique=True),
    triple,
    triple,
    triple,
)
@settings(max_examples=150, deadline=None)
def test_every_tap_sees_the_cell_the_rule_names(
    cells: list[tuple[int, int, int]],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
) -> None:
    coords = torch.tensor(cells, dtype=torch.int64).reshape(-1, 3)
    sites = Voxels.of(coords, torch.zeros(len(cells), 1), 2).sites
    coarse = sites.coarser(stride)
    low = phase(kernel, dilation)
    pairs = sites.pairs_to(coarse, Window(kernel, stride, dilation, low))
    row = {cell: place for place, cell in enumerate(cells)}
    taps = itertools.product(*map(range, kernel))
    wanted = [
        [
            row.get((b, *(
                s * c + d * t - p
                for s, c, d, t, p in zip(stride, own, dilation, tap, low, strict=True)
            )), -1)
            for b, *own in coarse.coords.tolist()
        ]
        for tap in taps
    ]  # fmt: skip
    assert pairs.table.tolist() == wanted
    # The blocks hold the same pairs, but for the middle tap of a mirrored table.
    found = {
        (tap, int(block.source[place]), block.start + int(block.target[place]))
        for block in pairs.blocks
        for tap, begin, end in block.spans
        for place in range(begin, end)
    }
    assert found == {
        (tap, source, target)
        for tap, line in enumerate(wanted)
        for target, source in enumerate(line)
        if source >= 0 and not (pairs.mirrored and tap == pairs.taps // 2)
    }
