"""What processes share: everything is taken once, sums are exact, means are alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from volseg.train.distributed import average, gathered, own, summed


class Process:
    """One of two that stand for all: its reduce adds what the other one holds."""

    device = torch.device("cpu")

    def __init__(self, index: int = 0, many: int = 2, other: Tensor | None = None) -> None:
        self.process_index, self.num_processes, self.other = index, many, other

    def reduce(self, mine: Tensor, how: str) -> Tensor:
        assert self.other is not None
        total = mine + self.other
        return total / 2 if how == "mean" else total


def process(*values: Any, **options: Any) -> Any:
    return Process(*values, **options)


@given(st.integers(0, 40), st.integers(1, 9))
def test_each_thing_is_taken_by_one_process(many: int, world: int) -> None:
    taken = [number for rank in range(world) for number in own(many, process(rank, world))]
    assert sorted(taken) == list(range(many))


def test_integers_add_up_exactly() -> None:
    mine, others = np.array([[2**60 + 1, 0]]), torch.tensor([[1, 2**60 + 3]])
    total = summed(mine, process(other=others))
    assert total.dtype == np.int64
    assert total.tolist() == [[2**60 + 2, 2**60 + 3]]


def test_means_take_the_place_of_tensors_of_any_shape() -> None:
    mine = [torch.tensor(1.0), torch.arange(6.0).reshape(2, 3), torch.zeros(0)]
    wanted = [one + 1.0 for one in mine]
    average(mine, process(other=torch.cat([one.reshape(-1) + 2 for one in mine])))
    assert all(torch.equal(one, two) for one, two in zip(mine, wanted, strict=True))


def test_one_process_keeps_what_it_has() -> None:
    alone = process(0, 1)
    values = np.array([1, 2])
    assert summed(values, alone) is values
    assert list(own(3, alone)) == [0, 1, 2]
    assert gathered(values, alone).tolist() == [1, 2]


def test_rows_are_gathered_in_the_order_of_processes() -> None:
    mine, others = np.array([[3.0, 4.0]], np.float32), torch.tensor([[1.0, 2.0], [5.0, 6.0]])

    class Second(Process):
        def reduce(self, given: Tensor, how: str) -> Tensor:
            other = torch.tensor([2, 0]) if given.ndim == 1 else torch.cat((others, given[2:] * 0))
            return given + other

    alike: Any = Second(1, 2)
    assert gathered(mine, alike).tolist() == [[1, 2], [5, 6], [3, 4]]
