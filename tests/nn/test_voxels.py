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


def test_rows_keep_the_callers_order() -> None:
    cells = [[1, 0, 5], [0, 3, 3], [0, 0, 9]]
    x = Voxels.of(torch.tensor(cells), torch.tensor([[1.0], [2.0], [3.0]]))
    assert x.coords.tolist() == cells
    assert x.features.flatten().tolist() == [1, 2, 3]
    assert (x.nd, len(x), x.batch_size, x.stride) == (2, 3, 2, (1, 1))


def test_dense_puts_features_at_their_cells(make_voxels, at) -> None:
    x = make_voxels((4, 5, 3), shuffled=True)
    tensor = x.dense((4, 5, 3))
    assert torch.equal(at(tensor, x), x.features)
    assert tensor.count_nonzero() == x.features.numel()


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
    assert len(x.sites._pairs) == 1


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


def test_to_the_same_device_is_itself(make_voxels) -> None:
    x = make_voxels((3, 3))
    assert x.to("cpu") is x
    meta = x.to("meta")
    assert meta.features.device.type == "meta"
    assert meta.coords.device.type == "meta"


@pytest.mark.parametrize(
    ("coords", "features", "batch", "words"),
    [
        (torch.zeros(2, 3, dtype=torch.int64), torch.ones(2, 1), None, "stands twice"),
        (torch.zeros(2, 3), torch.ones(2, 1), None, "wanted int64"),
        (torch.zeros(2, 5, dtype=torch.int64), torch.ones(2, 1), None, "wanted int64"),
        (torch.zeros(3, dtype=torch.int64), torch.ones(3, 1), None, "wanted int64"),
        (torch.tensor([[0, 1], [0, 2]]), torch.ones(3, 1), None, "one row a coordinate"),
        (torch.tensor([[0, 1], [0, 2]]), torch.ones(2), None, "one row a coordinate"),
        (torch.tensor([[-1, 1], [0, 2]]), torch.ones(2, 1), None, "batch indices"),
        (torch.tensor([[2, 1], [0, 2]]), torch.ones(2, 1), 2, "batch indices"),
        (torch.tensor([[0, 2**53], [0, 2]]), torch.ones(2, 1), None, "64-bit key"),
        (torch.tensor([[0, -(2**63)], [0, 2]]), torch.ones(2, 1), None, "64-bit key"),
        (
            torch.tensor([[0, 0, 0, 0], [0, 2**21, 2**21, 2**21]]),
            torch.ones(2, 1),
            None,
            "64-bit key",
        ),
    ],
)
def test_bad_input_is_named(
    coords: torch.Tensor, features: torch.Tensor, batch: int | None, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        Voxels.of(coords, features, batch)


def test_a_kernel_that_reaches_past_the_key_is_an_error() -> None:
    x = voxels([[0, 0, 0, 0], [0, 2**21 - 1, 2**21 - 1, 2**21 - 2]])
    with pytest.raises(InputError, match="64-bit key"):
        functional.conv(x, torch.ones(1, 1, 3, 3, 3))


def test_cells_at_the_rim_do_not_wrap_around() -> None:
    x = voxels([[0, 0, 2], [0, 1, 0], [1, 0, 0], [1, -1, 2]])
    y = functional.conv(x, torch.ones(1, 1, 1, 3))
    assert y.features.flatten().tolist() == [1, 1, 1, 1]


def test_dense_refuses_a_grid_too_small(make_voxels) -> None:
    with pytest.raises(InputError, match="do not fit"):
        make_voxels((4, 4), occupancy=1.0).dense((4, 3))
    with pytest.raises(InputError, match="do not fit"):
        voxels([[0, -1]]).dense((4,))
