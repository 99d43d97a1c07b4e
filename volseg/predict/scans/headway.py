"""How far a network is within one tile, so that a scan of a single tile shows progress too."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from torch import nn
from torch.utils.hooks import RemovableHandle

from volseg.predict.scans.job import Job, Watch

MOST = 0.99
"""Share of a tile's points that are told of before its votes are there."""


class Headway:
    """Tells of the points of the tile at work as the network goes through its layers.

    Args:
        net: the network, if it runs in this process; without one, points are told of by tiles.
        passes: how often it runs for one tile.
        watch: told of points.
    """

    def __init__(self, net: nn.Module | None, passes: int, watch: Watch) -> None:
        self.watch = watch
        modules = () if net is None else net.modules()
        self._layers = [one for one in modules if not any(one.children())]
        self._steps = passes * len(self._layers)
        self._handles: list[RemovableHandle] = []
        self._job: Job | None = None
        self._points = self._told = self._done = 0

    def __enter__(self) -> Self:
        self._handles = [one.register_forward_hook(self._step) for one in self._layers]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for handle in self._handles:
            handle.remove()

    def begin(self, job: Job, points: int) -> None:
        """A tile with so many points of its own is at work."""
        self._job, self._points, self._told, self._done = job, points, 0, 0

    def end(self, job: Job, points: int) -> None:
        """The votes of a tile are there."""
        told = self._told if job is self._job else 0
        self._told = 0
        self.watch.on_points(job, points - told)

    def _step(self, *_: Any) -> None:
        self._done += 1
        share = min(MOST, self._done / self._steps)
        more = int(share * self._points) - self._told
        if self._job is not None and more > 0:
            self._told += more
            self.watch.on_points(self._job, more)
