"""How many points of every scan are done, within the tile at work too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import nn

from volseg.predict.scans.job import ScanJob
from volseg.progress import Progress

MOST = 0.99
"""Share of a tile's points that count as done before its votes are there."""


@dataclass
class _Work:
    """What is done with the points of one scan, and how many are done, of how many."""

    what: str
    total: int
    done: int = 0


class PointProgress:
    """Counts the points of every scan at work.

    Args:
        progress: told of them, ``segmenting tile.laz`` and so on.
        jobs: all scans.
    """

    def __init__(self, progress: Progress, jobs: Sequence[ScanJob]) -> None:
        self.progress = progress
        self._names = {
            job: job.source.name + (f" ({k} of {len(jobs)})" if len(jobs) > 1 else "")
            for k, job in enumerate(jobs, start=1)
        }
        self._works: dict[ScanJob, _Work] = {}

    def begin(self, job: ScanJob, what: str, points: int | None) -> None:
        """Some work begins on so many points, or on a number not known yet."""
        self.end(job)
        self._works[job] = _Work(f"{what} {self._names[job]}", points or 0)
        self.add(job, 0)

    def add(self, job: ScanJob, points: int) -> None:
        """So many more points of that work are done."""
        work = self._works[job]
        work.done += points
        self.progress.work(work.what, work.done, work.total)

    def end(self, job: ScanJob) -> None:
        """The work at hand is over, done or not."""
        work = self._works.pop(job, None)
        if work is not None and not 0 < work.total <= work.done:
            total = max(work.done, work.total, 1)
            self.progress.work(work.what, total, total)


class LayerProgress:
    """Counts points of the tile at work as the network goes through its layers.

    So a scan of a single tile shows progress too.

    Args:
        net: the network, if it runs in this process; without one, whole tiles are counted.
        passes: how often it runs for one tile.
        points: where points are counted.
    """

    def __init__(self, net: nn.Module | None, passes: int, points: PointProgress) -> None:
        self.points = points
        modules = () if net is None else net.modules()
        self._layers = [module for module in modules if not any(module.children())]
        self._steps = passes * len(self._layers)
        self._job: ScanJob | None = None
        self._own = self._counted = self._done = 0

    @contextmanager
    def hooked(self) -> Iterator[None]:
        """Count for as long as a block lasts."""
        handles = [layer.register_forward_hook(self._step) for layer in self._layers]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def begin(self, job: ScanJob, points: int) -> None:
        """A tile with so many points of its own is at work."""
        self._job, self._own, self._counted, self._done = job, points, 0, 0

    def end(self, job: ScanJob, points: int) -> None:
        """The votes of a tile are there."""
        counted = self._counted if job is self._job else 0
        self._counted = 0
        self.points.add(job, points - counted)

    def _step(self, *_: Any) -> None:
        self._done += 1
        more = int(min(MOST, self._done / self._steps) * self._own) - self._counted
        if self._job is not None and more > 0:
            self._counted += more
            self.points.add(self._job, more)
