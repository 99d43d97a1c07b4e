"""Short runs on the dataset of balls."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from volseg.config import VolumeConfig, load_config
from volseg.progress import Progress, Start, Validation
from volseg.runs.train import train

STEPS = 4
QUICK = (f"train.steps={STEPS}", "train.epochs=2", "net.widths=[4, 8]")
LONG = ("train.steps=40", "train.epochs=2")
ONCE = ("train.steps=2", "train.epochs=1", "net.widths=[4, 8]")
FILES = ("best.safetensors", "last.safetensors", "state.safetensors")
Make = Callable[..., VolumeConfig]


@pytest.fixture(scope="module")
def make(balls_file: Path) -> Make:
    """The config of balls, changed."""

    def config(*changes: str) -> VolumeConfig:
        loaded = load_config(balls_file, changes)
        assert isinstance(loaded, VolumeConfig)
        return loaded

    return config


@pytest.fixture(scope="module")
def go(balls: Path) -> Callable[..., Any]:
    """Train on balls into a folder, Ctrl-C at one step where wanted; gives what was told."""

    class Watcher(Progress):
        def __init__(self, stop_at: int | None) -> None:
            self.stop_at, self.steps, self.stopped = stop_at, 0, False
            self.starts: list[Start] = []
            self.scores: list[Validation] = []
            self.notes: list[str] = []

        def note(self, line: str) -> None:
            self.notes.append(line)

        def start(self, start: Start) -> None:
            self.starts.append(start)

        def step(self, share: float, loss: float) -> None:
            self.steps += 1
            if self.steps == self.stop_at:
                os.kill(os.getpid(), signal.SIGINT)

        def validated(self, validation: Validation, largest: tuple[str, ...]) -> None:
            self.scores.append(validation)

    def run(config: VolumeConfig, out: Path, *, stop_at: int | None = None, **options: Any) -> Any:
        watcher = Watcher(stop_at)
        data = options.pop("data", balls)
        watcher.stopped = train(config, data, out, progress=watcher, device="cpu", **options)
        return watcher

    return run


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, make: Make, go: Any) -> Path:
    """Folds 0 and 1 of two epochs that nobody stopped."""
    folder: Path = tmp_path_factory.mktemp("unbroken") / "run"
    assert not go(make(*QUICK), folder, folds=(0, 1)).stopped
    return folder


def same(one: Path, other: Path, name: str) -> bool:
    first, second = (load_file(folder / name) for folder in (one, other))
    return first.keys() == second.keys() and all(
        torch.equal(first[key], second[key]) for key in first
    )


def stamps(folder: Path) -> dict[str, int]:
    return {str(one.relative_to(folder)): one.stat().st_mtime_ns for one in folder.rglob("*.*")}
