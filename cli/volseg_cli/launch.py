"""Running one command in several processes, and being one of them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import psutil
import typer

from volseg.errors import AnotherFailedError, LostProcessError
from volseg_cli import console

TOLD_BY_LAUNCHER = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
STARTED_BY = "VOLSEG_STARTED_BY"
SPEECHLESS = 3
"""Exit code of a process that failed and leaves it to another, or to its parent, to say why."""
WHAT_IS_LEFT = "what was saved is usable, --resume goes on"
PATIENCE = 30.0
"""Seconds that the other processes have to end by themselves, once one has failed."""


def is_launched() -> bool:
    """Whether `run_processes` or torchrun made this process one of several."""
    return all(name in os.environ for name in TOLD_BY_LAUNCHER)


def is_ours() -> bool:
    """Whether it was `run_processes`."""
    return STARTED_BY in os.environ


@contextmanager
def member() -> Iterator[None]:
    """Work as one of the processes that were launched; alone, where none was.

    The first process shows what there is to show, and the first that fails says why.
    """
    with _joined() if is_launched() else nullcontext():
        yield


@contextmanager
def _joined() -> Iterator[None]:
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # what is lost is said in one line
    console.out.quiet = os.environ["RANK"] != "0"
    if is_ours():
        threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    try:
        _hold_ctrl_c(False)
        from volseg.runs.processes import joined

        with joined():
            yield
    except AnotherFailedError:
        raise typer.Exit(SPEECHLESS) from None
    except (LostProcessError, KeyboardInterrupt):
        if is_ours():  # the parent knows better, and once
            raise typer.Exit(SPEECHLESS) from None
        raise


def _end_with(parent: int) -> None:
    """Stop once the parent is gone, so that a killed command leaves no process behind."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def run_processes(many: int, command: Sequence[str] | None = None) -> int:
    """Run this very command in so many processes of this machine, and wait for them.

    Ctrl-C and signals to end are passed on. When one process fails the others end too.

    Args:
        many: how many.
        command: what to run instead.

    Returns:
        The exit code of the process that failed first, else 0.

    Raises:
        LostProcessError: if one was killed, or ended and did not say why.
        KeyboardInterrupt: if a signal ended them before they could say so.
    """
    command = command or [sys.executable, "-m", "volseg_cli", *sys.argv[1:]]
    shared = _environment(many)
    # In a session of their own Ctrl-C reaches the processes once: passed on, not from the terminal.
    own_session = os.name == "posix"
    processes: list[subprocess.Popen[bytes]] = []
    with _passing_on(processes) as asked:
        _hold_ctrl_c(True)
        for rank in range(many):
            place = {"RANK": str(rank), "LOCAL_RANK": str(rank)}
            processes.append(
                subprocess.Popen(command, env=shared | place, start_new_session=own_session)
            )
        _hold_ctrl_c(False)
        codes = _wait(processes)
    return _outcome(codes, stopped=asked.is_set())


def _hold_ctrl_c(wanted: bool) -> None:
    """Keep Ctrl-C waiting, in processes started meanwhile until they can answer it."""
    if os.name == "posix":
        how = signal.SIG_BLOCK if wanted else signal.SIG_UNBLOCK
        signal.pthread_sigmask(how, {signal.SIGINT})


def _environment(many: int) -> dict[str, str]:
    """What torchrun would tell its processes; they share the threads that one would have."""
    threads = int(os.environ.get("OMP_NUM_THREADS", 0)) or _cores()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return os.environ | {
        "WORLD_SIZE": str(many),
        "LOCAL_WORLD_SIZE": str(many),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": str(max(1, threads // many)),
        # torch for Windows comes without the library its store would use
        **({"USE_LIBUV": "0"} if os.name == "nt" else {}),
        STARTED_BY: str(os.getpid()),
    }


def _cores() -> int:
    cores = psutil.cpu_count(logical=False) or 1
    if hasattr(os, "sched_getaffinity"):
        return min(cores, len(os.sched_getaffinity(0)))
    return cores


@contextmanager
def _passing_on(processes: Sequence[subprocess.Popen[bytes]]) -> Iterator[threading.Event]:
    """Pass signals on to processes while the block lasts; the event tells that there were some."""
    asked = threading.Event()

    def pass_on(number: int, frame: object) -> None:
        asked.set()
        if os.name == "posix":  # elsewhere Ctrl-C has reached them already
            for one in processes:
                one.send_signal(number)

    numbers = [signal.SIGINT, signal.SIGTERM]
    if os.name == "posix" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ignores it
        numbers.append(signal.SIGHUP)
    before: dict[int, Any] = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(processes: Sequence[subprocess.Popen[bytes]]) -> list[int | None]:
    """Exit codes of processes; None for one that had to be ended because another had failed."""
    while not any(one.poll() for one in processes):
        if all(one.poll() == 0 for one in processes):
            return [0 for _ in processes]
        time.sleep(0.1)
    _let_end(processes)
    codes = [one.poll() for one in processes]
    for end in (subprocess.Popen.terminate, subprocess.Popen.kill):
        for one in processes:
            end(one)
        _let_end(processes)
    return codes


def _let_end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and any(one.poll() is None for one in processes):
        time.sleep(0.1)


def _outcome(codes: Sequence[int | None], *, stopped: bool) -> int:
    """One exit code for all; an error for what no process could say itself."""
    spoken = [code for code in codes if code is not None and code > 0 and code != SPEECHLESS]
    if spoken or not any(codes):
        return spoken[0] if spoken else 0
    if stopped:
        raise KeyboardInterrupt
    for rank, code in enumerate(codes):
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            raise LostProcessError(
                f"process {rank + 1} of {len(codes)} was killed ({name}; too little memory?); "
                f"{WHAT_IS_LEFT}"
            )
    raise LostProcessError(f"the processes lost each other; {WHAT_IS_LEFT}")
