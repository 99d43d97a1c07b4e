"""Segment tiles on the workers of a dask cluster, of this machine or of many.

This process reads scans, sends the points of tiles, takes votes back, and writes all files: a
worker needs none of them, and one that dies costs the tiles it had. Those are done elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic, sleep
from types import TracebackType
from typing import Any, Self

import psutil

from volseg import _version
from volseg.errors import InputError
from volseg.predict.scans.part import K, Part, Votes

LOCAL = "local"
"""The address that asks for workers on this machine."""
AHEAD = 2
"""Parts under way for every worker: one at work, one that waits for it."""
ANSWER, LOOK = 8.0, 1.0
"""Seconds a scheduler has to answer, and between looks at which workers there are."""
LIBRARIES = 500_000_000
"""Bytes a worker takes with no part at work; measured."""
WITHOUT_LIMIT = 1 << 50
"""Bytes of a worker that names no limit of its memory."""

Segment = Callable[[str, bytes, Part], Votes]
"""What a worker calls: with our version of volseg, a model file's content, and a part."""


class Cluster:
    """The workers of a cluster, as a `volseg.predict.scans.part.Segmenter`.

    It is connected for as long as a ``with`` block lasts, and computes there only.

    Args:
        address: the scheduler's, such as ``tcp://host:8786``; ``local`` starts workers here.
        model: the content of a model file, which every worker is sent once.
        segment: a function that workers can import.
        say: told, in a line, what becomes of the workers.
    """

    def __init__(
        self, address: str, model: bytes, segment: Segment, say: Callable[[str], None]
    ) -> None:
        self.address, self._content, self._segment, self._say = address, model, segment, say
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
        distributed = import_dask()
        with ExitStack() as exits:
            self._client = exits.enter_context(self._connect(distributed, exits))
            exits.enter_context(self._client.as_current())
            self._look()
            if not self._workers:
                self._say(f"{self} yet, waiting; start some: dask worker {self.address}")
            while not self._workers:
                sleep(LOOK)
                self._look()
            self._check_versions()
            self._model = self._client.submit(bytes, self._content, pure=False)
            self._exits = exits.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._model = None
        self._exits.close()

    def __str__(self) -> str:
        many = len(self._workers)
        where = "on this machine" if self.address == LOCAL else f"at {self.address}"
        return f"{many or 'no'} worker{'s' * (many != 1)} {where}"

    def free(self) -> int:
        """Bytes of memory for parts that the smallest worker has."""
        return max(0, min(self._workers.values(), default=WITHOUT_LIMIT) - LIBRARIES)

    def __call__(self, parts: Iterable[tuple[K, Part]]) -> Iterator[tuple[K, Votes | InputError]]:
        """Votes of the own points of parts, as workers make them.

        A part whose worker died goes to another. One that several died of, which others at work
        there share the blame for, is tried once more alone.

        Raises:
            InputError: if the scheduler is gone, or volseg is another at a worker.
        """
        flying: dict[Any, K] = {}
        blamed: dict[Any, K] = {}
        try:
            for key, part in parts:
                sent = (_version.__version__, self._model, part)
                flying[self._client.submit(self._segment, *sent, pure=False)] = key
                yield from self._landed(flying, blamed, AHEAD)
            yield from self._landed(flying, blamed, 0)
            for future, key in blamed.items():
                future.retry()
                again: dict[Any, K] = {}
                yield from self._landed({future: key}, again, 0)
                for one in again.values():
                    yield one, InputError("ended every worker it was given to; see their logs")
            self._looked = 0.0
            self._look()
        finally:
            self._client.cancel(list(flying))

    def _landed(
        self, flying: dict[Any, K], blamed: dict[Any, K], ahead: int
    ) -> Iterator[tuple[K, Votes]]:
        """Take out parts that are done, until fewer are under way than ``ahead`` a worker."""
        while True:
            for future in [one for one in flying if one.done()]:
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
        """Until a part is done, or it is time to look at the workers."""
        from distributed import TimeoutError as NothingYet
        from distributed import wait

        with self._asking(), suppress(NothingYet):
            wait(list(flying), timeout=LOOK, return_when="FIRST_COMPLETED")
        self._look()

    def _votes(self, future: Any) -> Votes | None:
        """What a worker made of a part; None if several workers died meanwhile."""
        from distributed import KilledWorker

        with self._asking():
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
        with self._asking():
            if self._client.status != "running":  # it would try for long to connect again
                raise ConnectionError
            # `scheduler_info` would give what it found last, which names no workers.
            found = self._client.sync(self._client.scheduler.identity, n_workers=-1)["workers"]
        self._looked = monotonic()
        now = {name: one["memory_limit"] or WITHOUT_LIMIT for name, one in found.items()}
        before, self._workers = self._workers, now
        for name in before.keys() - now.keys():
            self._say(f"lost worker {name}; its tiles go to others")
        if now.keys() != before.keys() and before:
            self._say(f"{self}" + ("" if now else ", waiting"))

    def _connect(self, distributed: Any, exits: ExitStack) -> Any:
        """A client of the scheduler, or of one with workers started here."""
        place: Any = self.address
        if place == LOCAL:
            many, threads = distributed.deploy.utils.nprocesses_nthreads()
            place = distributed.LocalCluster(
                n_workers=many,
                threads_per_worker=threads,
                memory_limit=psutil.virtual_memory().available // many,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
                preload=[__name__],  # see `dask_setup`
            )
            exits.enter_context(place)
        try:
            if place is self.address:
                with ThreadPoolExecutor(1) as thread:  # here a notebook's own loop may run
                    thread.submit(asyncio.run, _greet(self.address)).result()
            return distributed.Client(place, timeout=ANSWER, set_as_default=False)
        except OSError:
            raise InputError(
                f"no scheduler answers at {self.address}; check the address, and that a dask "
                "scheduler runs there"
            ) from None
        except (TypeError, ValueError) as error:
            raise InputError(f"cannot connect to {self.address!r}: {error}") from None

    def _check_versions(self) -> None:
        """Refuse to work with another volseg, or with none."""
        with self._asking():
            found = self._client.run(_version_here, on_error="return")
            try:
                found["the scheduler"] = self._client.run_on_scheduler(_version_here)
            except (ImportError, AttributeError) as error:
                found["the scheduler"] = error
        for name, version in found.items():
            if version != _version.__version__ and not isinstance(version, OSError):
                there = "none" if isinstance(version, Exception) else version
                raise InputError(
                    f"{name} has volseg {there} and this machine {_version.__version__}; install "
                    'the same "volseg[cluster]" on every machine'
                )

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Around what asks the scheduler, which may be gone."""
        from distributed import CancelledError

        try:
            yield
        except (OSError, CancelledError):
            raise InputError(
                f"the scheduler at {self.address} is gone; what is done is kept: start it, and "
                "give the same command again"
            ) from None


async def _greet(address: str) -> None:
    """Find out whether a scheduler answers, in a limited time; a client waits for ever."""
    from distributed import Security
    from distributed.comm import connect

    security = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, ANSWER, **security), ANSWER)
    await comm.close()


def dask_setup(worker: Any) -> None:
    """Have a worker started here leave Ctrl-C to this process; dask calls it by its name."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _version_here() -> str:
    return _version.__version__


def import_dask() -> Any:
    """The module ``distributed``, told to be silent: what matters is said by us.

    Raises:
        InputError: if it is not installed.
    """
    try:
        import dask.config
    except ImportError:
        raise InputError(
            '--cluster needs dask, which is not installed; pip install "volseg[cluster]"'
        ) from None
    dask.config.set(
        {
            "logging": {"distributed": "critical", "distributed.client": "critical"},
            "distributed.admin.large-graph-warning-threshold": "1 TB",
            # A worker started here that dies is started again, however slow the machine.
            "distributed.deploy.lost-worker-timeout": "1 day",
        }
    )
    import distributed

    return distributed
