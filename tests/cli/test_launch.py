"""Several processes of one command: what they are told, and how they end together."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from volseg.errors import LostProcessError
from volseg_cli import launch
from volseg_cli.launch import SPEECHLESS, TOLD_BY_LAUNCHER, run_processes

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run a piece of code for each rank; gives the exit code."""
    monkeypatch.setattr(launch, "PATIENCE", 0.3)

    def go(*codes: str) -> int:
        choose = f"import os, sys; exec({list(codes)!r}[int(os.environ['RANK'])])"
        return run_processes(len(codes), [sys.executable, "-c", choose])

    return go


def test_each_is_told_its_place_and_its_share_of_the_threads(
    run: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    write = f"import json; open({str(tmp_path)!r} + '/' + os.environ['RANK'], 'w')"
    assert run(*[f"{write}.write(json.dumps(dict(os.environ)))"] * 3) == 0
    told = [json.loads((tmp_path / str(rank)).read_text()) for rank in range(3)]
    for rank, one in enumerate(told):
        assert one.keys() >= set(TOLD_BY_LAUNCHER)
        assert (one["RANK"], one["LOCAL_RANK"]) == (str(rank), str(rank))
        assert (one["WORLD_SIZE"], one["LOCAL_WORLD_SIZE"]) == ("3", "3")
        assert one["OMP_NUM_THREADS"] == "2"
        assert (one["MASTER_ADDR"], one["MASTER_PORT"]) == ("127.0.0.1", told[0]["MASTER_PORT"])


@pytest.mark.parametrize("code", [1, 2])
def test_one_that_fails_ends_all(run: Callable[..., int], code: int) -> None:
    started = time.monotonic()
    assert run(SLEEP, f"sys.exit({code})", SLEEP) == code
    assert time.monotonic() - started < 30


def test_who_has_nothing_to_say_does_not_decide(run: Callable[..., int]) -> None:
    assert run(f"sys.exit({SPEECHLESS})", "import time; time.sleep(0.1); sys.exit(2)") == 2


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("other", [SLEEP, f"sys.exit({SPEECHLESS})"])
def test_one_that_is_killed_is_named(run: Callable[..., int], other: str) -> None:
    with pytest.raises(LostProcessError, match=r"process 2 of 2 was killed \(SIGKILL"):
        run(other, "os.kill(os.getpid(), 9)")


def test_silent_failures_are_not_silent(run: Callable[..., int]) -> None:
    with pytest.raises(LostProcessError, match="lost each other"):
        run(f"sys.exit({SPEECHLESS})", "pass")


def when(ready: list[Path], number: int) -> None:
    """Send a signal to this process once all files are there."""

    def wait() -> None:
        while not all(one.exists() for one in ready):
            time.sleep(0.02)
        os.kill(os.getpid(), number)

    threading.Thread(target=wait, daemon=True).start()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_passed_on_once(
    run: Callable[..., int], tmp_path: Path, number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    # As in a run: Ctrl-C waits until the process can answer, which then stops in its own time.
    code = f"""
import signal, time
asked = []
signal.signal({int(number)}, lambda *_: asked.append(1))
open({str(tmp_path)!r} + "/" + os.environ["RANK"], "w").close()
time.sleep(0.2)
assert not asked or {int(number)} != signal.SIGINT
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
while not asked:
    time.sleep(0.02)
time.sleep(0.2)
sys.exit(130 if len(asked) == 1 else 1)
"""
    when([tmp_path / "0", tmp_path / "1"], number)
    assert run(code, code) == 130
    assert signal.getsignal(number) is before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_that_nobody_answers_is_ctrl_c(run: Callable[..., int], tmp_path: Path) -> None:
    ready = f"open({str(tmp_path)!r} + '/' + os.environ['RANK'], 'w').close(); {SLEEP}"
    when([tmp_path / "0", tmp_path / "1"], signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        run(ready, ready)


def test_devices_are_not_for_processes_of_torchrun(
    refused: Callable[..., str], config_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in TOLD_BY_LAUNCHER:
        monkeypatch.setenv(name, "0")
    monkeypatch.delenv(launch.STARTED_BY, raising=False)
    arguments: tuple[Any, ...] = ("--data", tmp_path, "--out", tmp_path / "run", "--devices", 2)
    assert "leave out --devices" in refused("train", config_file, *arguments)


def test_a_typo_in_the_config_starts_no_process(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(many: int) -> int:
        raise AssertionError("started")

    monkeypatch.setattr(launch, "run_processes", start)
    arguments: tuple[Any, ...] = ("--data", tmp_path, "--out", tmp_path / "run", "--devices", 2)
    assert "no such file or preset" in refused("train", "lidar/oaklnd", *arguments)


@pytest.mark.parametrize("code", [0, 2])
def test_the_exit_code_is_that_of_the_processes(
    cli: Callable[..., Any], config_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    code: int,
) -> None:  # fmt: skip
    started: list[int] = []
    monkeypatch.setattr(launch, "run_processes", lambda many: started.append(many) or code)
    arguments: tuple[Any, ...] = ("--data", tmp_path, "--out", tmp_path / "run", "--devices", 3)
    outcome = cli("train", config_file, *arguments)
    assert (outcome.code, outcome.out, outcome.err, started) == (code, "", "", [3])
