from __future__ import annotations

import pytest
import torch

from volseg.errors import InputError
from volseg.nn import Voxels


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


def test_dense_refuses_a_grid_too_small(make_voxels) -> None:
    with pytest.raises(InputError, match="do not fit"):
        make_voxels((4, 4), occupancy=1.0).dense((4, 3))
    with pytest.raises(InputError, match="do not fit"):
        voxels([[0, -1]]).dense((4,))
