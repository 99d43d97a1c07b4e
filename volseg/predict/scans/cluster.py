"""Segment tiles on the workers of a dask cluster, of this machine or of many.

This process reads scans, sends the points of tiles, takes votes back, and writes all files: a
worker needs none of them, and one that dies costs the tiles it had. Those are done elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from time import monotonic, sleep
from typing import Any, Self

from volseg import _version
from volseg.errors import InputError
from volseg.predict.scans.connection import LOCAL, asking, check_versions, connect_client
from volseg.predict.scans.tile_input import K, TileInput, Votes
from volseg.progress import SILENT, Progress

AHEAD = 2
"""Tiles under way for every worker: one at work, one that waits for it."""
LOOK = 1.0
"""Seconds between looks at which workers there are."""
LIBRARIES = 500_000_000
"""Bytes a worker takes with no tile at work; measured."""
WITHOUT_LIMIT = 1 << 50
"""Bytes of a worker that names no limit of its memory."""

Segment = Callable[[str, bytes, TileInput], Votes]
"""What a worker calls: with our version of volseg, a model file's content, and a tile."""


class Cluster:
    """The workers of a cluster, as a `volseg.predict.scans.tile_input.Segmenter`.

    It is connected for as long as a ``with`` block lasts, and computes there only.

    Args:
        address: the scheduler's, such as ``tcp://host:8786``; ``local`` starts workers here.
        model: the content of a model file, which every worker is sent once.
        segment: a function that workers can import.
        progress: told, in notes, what becomes of the workers.
    """

    def __init__(
        self, address: str, model: bytes, segment: Segment, progress: Progress = SILENT
    ) -> None:
        self.address, self._content, self._segment = address, model, segment
        self._progress = progress
        self._exits = ExitStack()
        self._client: Any = None
        self._model: Any = None
        self._workers: dict[str, int] = {}
        self._looked = 0.0

    def __enter__(self) -> Self:
        """Connect, and wait until there is a worker.

        Raises:
            InputError: if dask is not installed, no scheduler answers, or volseg is missing or
                another there.
        """
        with ExitStack() as exits:
            self._client = connect_client(self.address, exits)
            self._look()
            if not self._workers:
                self._progress.note(f"{self} yet, waiting; start some: dask worker {self.address}")
            while not self._workers:
                sleep(LOOK)
                self._look()
            with asking(self.address):
                check_versions(self._client)
            self._model = self._client.submit(bytes, self._content, pure=False)
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._model = None
        self._exits.close()

    def __str__(self) -> str:
        many = len(self._workers)
        where = "on this machine" if self.address == LOCAL else f"at {self.address}"
        return f"{many or 'no'} worker{'s' * (many != 1)} {where}"

    def free(self) -> int:
        """Bytes of memory for tiles that the smallest worker has."""
        return max(0, min(self._workers.values(), default=WITHOUT_LIMIT) - LIBRARIES)

    def __call__(
        self, tiles: Iterable[tuple[K, TileInput]]
    ) -> Iterator[tuple[K, Votes | InputError]]:
        """Votes of the own points of tiles, as workers make them.

        A tile whose worker died goes to another. One that several died of, which others at work
        there share the blame for, is tried once more alone.

        Raises:
            InputError: if the scheduler is gone, or volseg is another at a worker.
        """
        flying: dict[Any, K] = {}
        blamed: dict[Any, K] = {}
        try:
            for key, tile in tiles:
                sent = (_version.__version__, self._model, tile)
                flying[self._client.submit(self._segment, *sent, pure=False)] = key
                yield from self._landed(flying, blamed, AHEAD)
            yield from self._landed(flying, blamed, 0)
            for future, key in blamed.items():
                future.retry()
                again: dict[Any, K] = {}
                yield from self._landed({future: key}, again, 0)
                for lost in again.values():
                    yield lost, InputError("ended every worker it was given to; see their logs")
            self._looked = 0.0
            self._look()
        finally:
            self._client.cancel(list(flying))

    def _landed(
        self, flying: dict[Any, K], blamed: dict[Any, K], ahead: int
    ) -> Iterator[tuple[K, Votes]]:
        """Take out tiles that are done, until fewer are under way than ``ahead`` a worker."""
        while True:
            for future in [done for done in flying if done.done()]:
                key = flying.pop(future)
                votes = self._votes(future)
                if votes is None:
                    blamed[future] = key
                else:
                    yield key, votes
            if len(flying) < max(1, ahead * len(self._workers)):
                return
            self._wait(flying)

    def _wait(self, flying: Iterable[Any]) -> None:
        """Until a tile is done, or it is time to look at the workers."""
        from distributed import TimeoutError as NothingYet
        from distributed import wait

        with asking(self.address), suppress(NothingYet):
            wait(list(flying), timeout=LOOK, return_when="FIRST_COMPLETED")
        self._look()

    def _votes(self, future: Any) -> Votes | None:
        """What a worker made of a tile; None if several workers died meanwhile."""
        from distributed import KilledWorker

        with asking(self.address):
            error = future.exception()
            if error is None:
                try:
                    return future.result()  # type: ignore[no-any-return]
                except KilledWorker as killed:  # so did those that were to make it again
                    error = killed
        if isinstance(error, KilledWorker):
            return None
        raise error

    def _look(self) -> None:
        """Find out which workers there are, and say what became of them."""
        if monotonic() < self._looked + LOOK:
            return
        with asking(self.address):
            if self._client.status != "running":  # it would try for long to connect again
                raise ConnectionError
            # `scheduler_info` would give what it found last, which names no workers.
            found = self._client.sync(self._client.scheduler.identity, n_workers=-1)["workers"]
        self._looked = monotonic()
        now = {name: facts["memory_limit"] or WITHOUT_LIMIT for name, facts in found.items()}
        before, self._workers = self._workers, now
        for name in before.keys() - now.keys():
            self._progress.note(f"lost worker {name}; its tiles go to others")
        if now.keys() != before.keys() and before:
            self._progress.note(f"{self}" + ("" if now else ", waiting"))
