"""Long arrays a block at a time, on several threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")

# Rows of a block: a few columns of 64 bits stay in a processor's cache.
BLOCK = 2**17
THREADS = 8


def blocks(count: int) -> list[slice]:
    """The rows of an array of ``count``, ``BLOCK`` at a time."""
    return [slice(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]


def threads() -> int:
    """Parts worked on at once: as many as this process has cores, at most ``THREADS``."""
    if hasattr(os, "sched_getaffinity"):
        return min(THREADS, len(os.sched_getaffinity(0)))
    return min(THREADS, os.cpu_count() or 1)


def side_by_side(work: Callable[[S], T], parts: Sequence[S]) -> list[T]:
    """What ``work`` gives for every part, in their order.

    For NumPy functions, which let other threads run. A single part is the caller's own work.
    """
    if len(parts) <= 1:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(work, parts))
