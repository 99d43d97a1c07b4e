"""Batches drawn ahead: the same bits and order, bounded, and every failure arrives."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.data.batch import Batch
from volseg.errors import InputError
from volseg.nn import Voxels
from volseg.train import feed as module
from volseg.train.feed import Feed, default_threads

CPU = torch.device("cpu")


class Numbers:
    """Batches that hold what their number alone decides; drawn as quick as told."""

    def __init__(self, *, seconds: Callable[[int], float] = lambda number: 0.0) -> None:
        self.drawn: list[int] = []
        self.threads: set[int] = set()
        self._seconds = seconds

    def draw(self, number: int) -> Batch[torch.Tensor]:
        self.drawn.append(number)
        self.threads.add(threading.get_ident())
        time.sleep(self._seconds(number))
        inputs = torch.randn(4, 3, generator=torch.Generator().manual_seed(number))
        return Batch(inputs, torch.full((4,), number), lambda values: 2 * values)


@settings(max_examples=20)
@given(st.integers(0, 4), st.integers(1, 3), st.integers(0, 5), st.integers(0, 99))
def test_any_number_of_threads_gives_the_same_batches(
    threads: int, stride: int, start: int, seed: int
) -> None:
    uneven = Numbers(seconds=lambda number: hash((seed, number)) % 5 / 1000)
    numbers = range(start, start + 8 * stride, stride)
    with Feed(uneven, CPU, threads=threads, stride=stride) as feed:
        taken = [feed.take(number) for number in numbers]
    for number, batch in zip(numbers, taken, strict=True):
        wanted = Numbers().draw(number).changed()
        assert torch.equal(batch.inputs, wanted.inputs)
        assert torch.equal(batch.targets, wanted.targets)
        assert batch.change is None
    assert len(uneven.drawn) == len(set(uneven.drawn))


def test_batches_are_drawn_while_a_step_is_at_work() -> None:
    source = Numbers()
    with Feed(source, CPU, threads=2) as feed:
        feed.take(0)
        limit = time.monotonic() + 10
        while len(source.drawn) < 4 and time.monotonic() < limit:
            time.sleep(0.001)
        assert sorted(source.drawn) == [0, 1, 2, 3]
    assert threading.get_ident() not in source.threads


def test_without_threads_each_is_drawn_when_asked_for() -> None:
    source = Numbers()
    with Feed(source, CPU, threads=0) as feed:
        feed.take(3)
        assert source.drawn == [3]
    assert source.threads == {threading.get_ident()}


def test_memory_bounds_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Numbers()
    little = psutil.virtual_memory()._replace(available=2000)  # three batches of 80 bytes at most
    monkeypatch.setattr(psutil, "virtual_memory", lambda: little)
    with Feed(source, CPU, threads=6) as feed:
        for number in range(20):
            feed.take(number)
    assert max(source.drawn) <= 20 + 7
    waiting = [max(source.drawn[: k + 1]) - k for k in range(10, 20)]
    assert max(waiting) <= 4


@pytest.mark.parametrize("threads", [0, 2])
def test_what_goes_wrong_with_a_batch_is_raised_when_it_is_its_turn(threads: int) -> None:
    class Broken(Numbers):
        def draw(self, number: int) -> Batch[torch.Tensor]:
            if number == 2:
                raise InputError("is cut off")
            return super().draw(number)

    with Feed(Broken(), CPU, threads=threads) as feed:
        feed.take(0)
        feed.take(1)
        with pytest.raises(InputError, match="is cut off"):
            feed.take(2)


def test_leaving_ends_the_threads() -> None:
    with Feed(Numbers(seconds=lambda number: 0.01), CPU, threads=3) as feed:
        feed.take(0)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("feed")]


def test_cores_of_a_cpu_compute_and_those_beside_a_gpu_draw(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert default_threads(CPU) == 0
    monkeypatch.delenv("LOCAL_WORLD_SIZE", raising=False)
    for cores, wanted in ((1, 1), (4, 3), (64, module.MOST_THREADS)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert default_threads(torch.device("cuda")) == wanted
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "16")
    assert default_threads(torch.device("cuda")) == 3


def test_what_a_batch_takes_is_what_its_arrays_do() -> None:
    coords = torch.tensor([[0, 1, 2], [0, 0, 1]])  # not in order, so that the order is kept
    voxels: Any = Voxels.of(coords, torch.zeros(2, 5))
    assert Batch(voxels, torch.zeros(2)).nbytes == 2 * (3 * 8 + 5 * 4 + 8 + 4)
