"""Cells and their kernel maps: built once, kept while they are needed, never wrapped around."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.nn import Voxels, functional


def voxels(cells: list[list[int]], channels: int = 1) -> Voxels:
    coords = torch.tensor(cells, dtype=torch.int64)
    return Voxels.of(coords, torch.ones(len(cells), channels))


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(-40, 40), st.integers(-7, 90)), unique=True),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
)
@settings(max_examples=60, deadline=None)
def test_coarser_cells_are_the_unique_floors(
    cells: list[tuple[int, int, int]], stride: tuple[int, int]
) -> None:
    coords = torch.tensor(cells, dtype=torch.int64).reshape(-1, 3)
    sites = Voxels.of(coords, torch.zeros(len(cells), 1), 3).sites
    coarse = sites.coarser(stride)
    wanted = sorted({(b, x // stride[0], y // stride[1]) for b, x, y in cells})
    found = [tuple(row) for row in coarse.coords.tolist()]
    assert sorted(found) == wanted
    assert coarse.stride == stride
    assert sites.coarser(stride) is coarse


def test_maps_are_built_once(make_voxels) -> None:
    x = make_voxels((6, 6))
    weight = torch.randn(3, 3, 3, 3, dtype=torch.float64)
    y = functional.conv(x, weight, stride=2)
    again = functional.conv(x.with_features(x.features * 2), weight, stride=2)
    assert y.sites is again.sites
    assert len(x.sites.built_pairs) == 1


def test_forgotten_voxels_free_their_maps() -> None:
    import gc
    import weakref

    x = voxels([[0, 0], [0, 1], [0, 2]])
    y = functional.conv(functional.conv(x, torch.ones(1, 1, 3)), torch.ones(1, 1, 2), stride=2)
    watched = [weakref.ref(x.sites), weakref.ref(y.sites)]
    gc.disable()
    try:
        del x, y
        assert [each() for each in watched] == [None, None]
    finally:
        gc.enable()


def test_a_kernel_that_reaches_past_the_key_is_an_error() -> None:
    x = voxels([[0, 0, 0, 0], [0, 2**21 - 1, 2**21 - 1, 2**21 - 2]])
    with pytest.raises(InputError, match="64-bit key"):
        functional.conv(x, torch.ones(1, 1, 3, 3, 3))


def test_cells_at_the_rim_do_not_wrap_around() -> None:
    x = voxels([[0, 0, 2], [0, 1, 0], [1, 0, 0], [1, -1, 2]])
    y = functional.conv(x, torch.ones(1, 1, 1, 3))
    assert y.features.flatten().tolist() == [1, 1, 1, 1]
