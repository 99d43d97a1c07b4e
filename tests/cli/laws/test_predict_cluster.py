"""``volseg predict --cluster``: the same files, or one line."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from volseg.predict.scans import connection

pytest.importorskip("distributed", reason='dask is not installed: pip install "volseg[cluster]"')


def test_workers_started_here_make_the_same_files(
    cli: Callable[..., Any],
    run_folder: Path,
    scene_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("distributed.deploy.utils.nprocesses_nthreads", lambda: (1, 1))
    for name, options in {"here": (), "there": ("--cluster", "local")}.items():
        command = ("predict", run_folder, scene_folder, "-o", tmp_path / name, "--confidence")
        outcome = cli(*command, *options)
        assert outcome.code == 0, outcome
    assert "by 1 worker on this machine" in outcome.err
    for one in (tmp_path / "here").iterdir():
        assert (tmp_path / "there" / one.name).read_bytes() == one.read_bytes()


def test_a_scheduler_that_does_not_answer_is_one_line(
    refused: Callable[..., str],
    run_folder: Path,
    scene_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "ANSWER", 0.3)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
        line = refused(
            "predict", run_folder, scene_folder / "a.laz", "-o", tmp_path / "a.laz",
            "--cluster", address,
        )  # fmt: skip
    assert line.startswith(f"error: no scheduler answers at {address}")
