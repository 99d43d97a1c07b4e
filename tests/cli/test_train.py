"""``volseg train``: what it shows, what it leaves, and Ctrl-C from outside."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from volseg.config import load_config
from volseg.models.load import load_scan_model

QUICK = ("--device", "cpu", "--set", "train.steps=4", "--set", "net.widths=[4, 8]")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def command(config_file: Path, scene_folder: Path, tmp_path: Path) -> tuple[object, ...]:
    return ("train", config_file, "--data", scene_folder, "--out", tmp_path / "run", *QUICK)


def epochs(run: Path) -> list[int]:
    with (run / "log.csv").open(newline="") as file:
        return [int(row["epoch"]) for row in csv.DictReader(file)]


def test_shows_what_it_does_and_names_the_model(
    cli: Callable[..., Any], command: tuple[object, ...], tmp_path: Path
) -> None:
    outcome = cli(*command)
    assert outcome.code == 0
    text = " ".join(outcome.out.split())
    cache = tmp_path / "volseg-cache"
    assert f"training on 4,000 points (1 MB in {cache}) of a.laz" in text
    assert "validating on b.laz" in text
    assert "classes: ground 50.0%, box 50.0%" in text
    assert "epoch 1 loss" in text
    assert "epoch 2 loss" in text
    assert text.endswith(f"model: {tmp_path / 'run'}")
    assert epochs(tmp_path / "run") == [1, 2]


def test_options_reach_the_config(
    cli: Callable[..., Any], command: tuple[object, ...], tmp_path: Path
) -> None:
    assert cli(*command, "--epochs", 1, "--loss", "cross_entropy", "--set", "seed=5").code == 0
    made = load_config(tmp_path / "run" / "config.yaml")
    assert made.train.loss.kind == "cross_entropy"
    assert (made.train.epochs, made.seed, made.net.widths) == (1, 5, (4, 8))
    assert epochs(tmp_path / "run") == [1]


def test_minutes_replace_epochs(
    cli: Callable[..., Any], command: tuple[object, ...], tmp_path: Path
) -> None:
    assert cli(*command, "--minutes", 0.01).code == 0
    assert len(epochs(tmp_path / "run")) >= 1


def test_a_run_is_not_overwritten_but_resumed(
    cli: Callable[..., Any],
    refused: Callable[..., str],
    command: tuple[object, ...],
    tmp_path: Path,
) -> None:
    assert cli(*command, "--epochs", 1).code == 0
    assert "--resume" in refused(*command)
    assert cli(*command, "--epochs", 2, "--resume").code == 0
    assert epochs(tmp_path / "run") == [1, 2]


def test_ctrl_c_leaves_a_usable_model_and_resume_finishes(
    command: tuple[object, ...], tmp_path: Path, boxes: Callable[..., Any]
) -> None:
    arguments = [*map(str, command), "--epochs", "3", "--set", "train.steps=30"]
    paths = os.pathsep.join((str(ROOT), str(ROOT / "cli")))
    run = [sys.executable, "-m", "volseg_cli", *arguments]
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if line.startswith("epoch   1"):
                process.send_signal(signal.SIGINT)
                break
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "usable, --resume goes on" in errors
    assert "Traceback" not in errors
    assert epochs(tmp_path / "run") in ([1], [1, 2])
    model = load_scan_model(tmp_path / "run", "cpu")
    assert len(model(boxes(3, 400))) == 400

    done = subprocess.run(
        [*run, "--resume"], capture_output=True, text=True, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "resuming after step" in done.stdout
    assert epochs(tmp_path / "run") == [1, 2, 3]


def test_two_devices_are_two_processes_of_one_run(
    command: tuple[object, ...], tmp_path: Path, boxes: Callable[..., Any]
) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "cli")))}
    arguments = [*map(str, command), "--epochs", "1", "--devices", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "volseg_cli", *arguments],
        capture_output=True, text=True, env=environment, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (said,) = done.stderr.splitlines()  # once, not by each process
    assert said.startswith("confidence calibrated on 4,000 samples held out")
    assert done.stdout.startswith("on 2 x cpu, 1 thread each")
    assert done.stdout.count("epoch   1") == 1
    assert done.stdout.count("model: ") == 1
    assert epochs(tmp_path / "run") == [1]
    assert len(load_scan_model(tmp_path / "run", "cpu")(boxes(3, 400))) == 400
