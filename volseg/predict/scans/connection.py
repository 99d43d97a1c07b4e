"""A connection to a dask scheduler, elsewhere or with workers started on this machine."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import psutil

from volseg import _version
from volseg.errors import InputError

LOCAL = "local"
"""The address that asks for workers on this machine."""
ANSWER = 8.0
"""Seconds a scheduler has to answer."""


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


def connect_client(address: str, exits: ExitStack) -> Any:
    """A client of a scheduler, or of one with workers started here.

    Args:
        address: of the scheduler, or `LOCAL`.
        exits: what is started is stopped with it.

    Raises:
        InputError: if dask is not installed, or no scheduler answers.
    """
    distributed = import_dask()
    scheduler: Any = address
    if address == LOCAL:
        scheduler = exits.enter_context(_local_workers(distributed))
    try:
        if address != LOCAL:
            with ThreadPoolExecutor(1) as thread:  # here a notebook's own loop may run
                thread.submit(asyncio.run, _greet(address)).result()
        client = distributed.Client(scheduler, timeout=ANSWER, set_as_default=False)
    except OSError:
        raise InputError(
            f"no scheduler answers at {address}; check the address, and that a dask scheduler "
            "runs there"
        ) from None
    except (TypeError, ValueError) as error:
        raise InputError(f"cannot connect to {address!r}: {error}") from None
    exits.enter_context(client)
    exits.enter_context(client.as_current())
    return client


def check_versions(client: Any) -> None:
    """Refuse to work with another volseg, or with none.

    Raises:
        InputError: naming the machine.
    """
    versions = client.run(_version_here, on_error="return")
    try:
        versions["the scheduler"] = client.run_on_scheduler(_version_here)
    except (ImportError, AttributeError) as error:
        versions["the scheduler"] = error
    for name, version in versions.items():
        if version != _version.__version__ and not isinstance(version, OSError):
            there = "none" if isinstance(version, Exception) else version
            raise InputError(
                f"{name} has volseg {there} and this machine {_version.__version__}; install "
                'the same "volseg[cluster]" on every machine'
            )


@contextmanager
def asking(address: str) -> Iterator[None]:
    """Around what asks a scheduler, which may be gone."""
    from distributed import CancelledError

    try:
        yield
    except (OSError, CancelledError):
        raise InputError(
            f"the scheduler at {address} is gone; what is done is kept: start it, and give the "
            "same command again"
        ) from None


def dask_setup(worker: Any) -> None:
    """Have a worker started here leave Ctrl-C to this process; dask calls it by its name."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _local_workers(distributed: Any) -> Any:
    many, threads = distributed.deploy.utils.nprocesses_nthreads()
    return distributed.LocalCluster(
        n_workers=many,
        threads_per_worker=threads,
        memory_limit=psutil.virtual_memory().available // many,
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
        preload=[__name__],  # see `dask_setup`
    )


async def _greet(address: str) -> None:
    """Find out whether a scheduler answers, in a limited time; a client waits for ever."""
    from distributed import Security
    from distributed.comm import connect

    security = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, ANSWER, **security), ANSWER)
    await comm.close()


def _version_here() -> str:
    return _version.__version__
