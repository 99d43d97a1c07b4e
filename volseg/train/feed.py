"""Batches drawn ahead of the steps that take them, and copied to the device beside one.

A GPU steps in tens of milliseconds, which is what a core takes to draw a batch. What a batch holds
depends on its number alone, so threads may draw the next ones meanwhile: the bits are the same.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Protocol, Self

import psutil
import torch

from volseg.data.batch import Batch
from volseg.nn import Voxels
from volseg.nn.sparse.built import Built
from volseg.nn.sparse.pairs import GPU_PAIRS

MOST_THREADS = 8
"""Threads that draw for one GPU, where the machine has as many cores for each of its processes."""

BUILDERS = 4
"""Threads from which on these build kernel maps too, which takes twice as long as drawing: with
fewer, the GPU builds them, and the step waits for it."""

MEMORY = 0.1
"""Share of the free memory that batches which wait may take."""


class Batches(Protocol):
    """A source of training batches; batch ``number`` depends on that number alone."""

    def draw(self, number: int) -> Batch[Any]:
        """Batch ``number`` of the run, by any thread."""


def default_threads(device: torch.device) -> int:
    """Threads to draw with for a device: none for a CPU, whose cores all compute."""
    if device.type == "cpu":
        return 0
    processes = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return min(MOST_THREADS, max(1, (os.cpu_count() or 1) // processes - 1))


class Feed:
    """Gives batches on the device, in order of their numbers; use it as a context.

    Args:
        batches: Where batches come from.
        device: Where they go.
        threads: Threads that draw ahead; 0 to draw each batch when it is asked for.
        stride: Numbers from one batch of this process to its next.
    """

    def __init__(
        self, batches: Batches, device: torch.device, *, threads: int, stride: int = 1
    ) -> None:
        self._batches, self._device, self._stride = batches, device, stride
        self._pool = ThreadPoolExecutor(threads, "feed", _compute_alone) if threads else None
        self._ahead = threads + 1
        self._drawn: dict[int, Future[Batch[Any]]] = {}
        self._moved: dict[int, Batch[Any]] = {}
        self._builds = threads >= BUILDERS
        self._built: Built | None = None
        cuda = device.type == "cuda"
        self._copies = torch.cuda.Stream(device) if cuda else None  # type: ignore[no-untyped-call]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def take(self, number: int) -> Batch[Any]:
        """Batch ``number`` on the device; those after it are drawn meanwhile."""
        batch = self._moved.pop(number, None) or self._move(self._ready(number))
        if self._copies is not None:
            torch.cuda.current_stream(self._device).wait_stream(self._copies)
            batch.keep_for(torch.cuda.current_stream(self._device))
        return batch.changed()

    def go_on(self, done: Batch[Any], number: int) -> None:
        """After a step, see what it built on its cells, and copy batch ``number`` beside the next.

        Args:
            done: The batch of the step.
            number: Of the batch after it, which is copied if it is drawn already.
        """
        if self._builds and self._built is None and isinstance(done.inputs, Voxels):
            self._built = Built.on(done.inputs.sites)
        if self._copies is not None and number in self._drawn and self._drawn[number].done():
            self._moved[number] = self._move(self._ready(number))

    def _ready(self, number: int) -> Batch[Any]:
        if self._pool is None:
            return self._batches.draw(number)
        drawn = self._drawn.pop(number, None) or self._pool.submit(self._draw, number)
        for later in range(1, self._ahead + 1):
            self._submit(number + later * self._stride)
        batch = drawn.result()
        free = MEMORY * psutil.virtual_memory().available
        self._ahead = min(self._ahead, max(1, int(free / max(1, batch.nbytes))))
        return batch

    def _submit(self, number: int) -> None:
        if self._pool is not None and number not in self._drawn and number not in self._moved:
            self._drawn[number] = self._pool.submit(self._draw, number)

    def _draw(self, number: int) -> Batch[Any]:
        batch = self._batches.draw(number)
        if self._built is not None:
            self._built.build(batch.inputs.sites, GPU_PAIRS)
        if self._device.type == "cpu":
            return batch.changed()
        return batch.pinned() if self._copies is not None else batch

    def _move(self, batch: Batch[Any]) -> Batch[Any]:
        if self._copies is None:
            return batch.to(self._device)
        with torch.cuda.stream(self._copies):
            return batch.to(self._device)


def _compute_alone() -> None:
    """Let a thread that draws take one core, not as many as torch is given."""
    torch.set_num_threads(1)
