"""Seconds and bytes of a call, in the process that calls this."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.row import Side

MIB = 1 << 20


@dataclass(frozen=True)
class Memory:
    """Bytes resident at the peak of a call, and how many of them came with it."""

    peak: int
    grown: int


def seconds(side: Side, clock: Callable[[], float] = time.perf_counter) -> float:
    """Time of one call by a clock, garbage collected before."""
    gc.collect()
    started = clock()
    side()
    return clock() - started


def processor_seconds() -> float:
    """Processor time of this process and of those it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def narrow(cores: int) -> None:
    """Keep this process to the last of the cores it may use."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])


def memory(side: Side, *, in_child: bool = False) -> Memory:
    """Peak of the process during one call, the first; or that of the largest child it starts."""
    if in_child:
        side()
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _UNIT
        return Memory(peak, peak)
    _give_back()
    before = _resident()
    Path("/proc/self/clear_refs").write_text("5")  # Linux: the peak is counted anew from here
    side()
    peak = _status("VmHWM")
    return Memory(peak, max(peak - before, 0))


_UNIT = 1 if sys.platform == "darwin" else 1024


def _give_back() -> None:
    """Let go of memory that is free, so that a call must ask for what it needs."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def _resident() -> int:
    return _status("VmRSS")


def _status(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {field}")
