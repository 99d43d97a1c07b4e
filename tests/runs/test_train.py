"""Whole runs: they repeat, they stop, they resume bit for bit, and they never overwrite."""

from __future__ import annotations

import csv
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from volseg.config import ScanConfig, load_config
from volseg.errors import InputError
from volseg.models.nets import make_net
from volseg.models.tensors import load_tensors
from volseg.progress import Epoch, Progress, Validation
from volseg.runs.folder import Run
from volseg.runs.train import train
from volseg.train.loop import TrainState

STEPS = 6
QUICK = (f"train.steps={STEPS}", "train.epochs=4", "net.widths=[4, 8]", "train.crop=8")


@pytest.fixture(scope="module")
def config(config_file: Path) -> ScanConfig:
    return load_config(config_file, QUICK)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, config: ScanConfig, go: Any) -> Path:
    """A run of four epochs that nobody stopped."""
    folder: Path = tmp_path_factory.mktemp("unbroken") / "run"
    assert not go(config, folder)
    return folder


@pytest.fixture(scope="module")
def go(scene_folder: Path) -> Any:
    """Train on the two scans into a folder; Ctrl-C at one step where wanted."""

    class Stopper(Progress):
        def __init__(self, stop_at: int | None) -> None:
            self.stop_at, self.steps, self.started = stop_at, 0, None

        def start(self, start: Any) -> None:
            self.started = start

        def step(self, share: float, loss: float) -> None:
            self.steps += 1
            if self.steps == self.stop_at:
                os.kill(os.getpid(), signal.SIGINT)

    def run(config: ScanConfig, out: Path, *, stop_at: int | None = None, **options: Any) -> bool:
        watcher = Stopper(stop_at)
        data = options.pop("data", scene_folder)
        return train(config, data, out, progress=watcher, device="cpu", **options)

    return run


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open(newline="") as file:
        return [{**row, "seconds": ""} for row in csv.DictReader(file)]


def same(one: Path, other: Path, name: str) -> bool:
    first, second = (load_file(folder / name) for folder in (one, other))
    return first.keys() == second.keys() and all(
        torch.equal(first[key], second[key]) for key in first
    )


class TestRuns:
    def test_leave_models_state_config_and_log(self, unbroken: Path, config: ScanConfig) -> None:
        assert {one.name for one in unbroken.iterdir()} - {"tensorboard"} == {
            "best.safetensors",
            "calibration.csv",
            "last.safetensors",
            "state.safetensors",
            "config.yaml",
            "log.csv",
            "curves.png",
            "data.json",
            "samples.png",
        }
        assert load_config(unbroken / "config.yaml") == config
        log = rows(unbroken)
        assert [row["epoch"] for row in log] == ["1", "2", "3", "4"]
        assert float(log[-1]["loss"]) < float(log[0]["loss"])
        assert log[0].keys() >= {"mean_iou", "iou_ground", "iou_box"}

    def test_repeat_from_one_seed(
        self, tmp_path: Path, unbroken: Path, config: ScanConfig, go: Any
    ) -> None:
        go(config, tmp_path / "again")
        assert same(unbroken, tmp_path / "again", "last.safetensors")
        go(config.model_copy(update={"seed": 1}), tmp_path / "other")
        assert not same(unbroken, tmp_path / "other", "last.safetensors")

    def test_repeat_on_several_threads(
        self, tmp_path: Path, config_file: Path, go: Any, threads: None
    ) -> None:
        short = load_config(config_file, [*QUICK, "train.epochs=1"])
        for name in "ab":
            go(short, tmp_path / name)
        assert same(tmp_path / "a", tmp_path / "b", "last.safetensors")

    @pytest.fixture
    def threads(self) -> Iterator[None]:
        before = torch.get_num_threads()
        torch.set_num_threads(2)
        yield
        torch.set_num_threads(before)

    def test_minutes_are_kept(self, tmp_path: Path, config_file: Path, go: Any) -> None:
        started = time.monotonic()
        long = load_config(config_file, [*QUICK, "train.steps=1000"])
        assert not go(long, tmp_path / "run", minutes=0.03)
        assert 1.8 <= time.monotonic() - started < 8
        (row,) = rows(tmp_path / "run")
        assert float(row["learning_rate"]) < 0.05 * long.train.learning_rate

    def test_without_validation_the_best_is_the_last(
        self, tmp_path: Path, config_file: Path, go: Any
    ) -> None:
        go(load_config(config_file, [*QUICK, "train.epochs=2", "data.validation=0"]), tmp_path)
        assert same_weights(tmp_path)

    def test_where_validation_says_nothing_the_best_is_the_last(
        self, tmp_path: Path, config_file: Path, boxes: Any, go: Any
    ) -> None:
        from dataclasses import replace

        from volseg.io import write

        (tmp_path / "data").mkdir()
        blank = boxes(1)
        write(tmp_path / "data" / "a.laz", boxes(0))
        write(tmp_path / "data" / "b.laz", replace(blank, labels=blank.labels * 0))
        short = load_config(config_file, [*QUICK, "train.epochs=2"])
        go(short, tmp_path / "run", data=tmp_path / "data")
        assert same_weights(tmp_path / "run")

    def test_the_best_epoch_is_kept(self, tmp_path: Path, config: ScanConfig) -> None:
        told: list[bool] = []

        class Listener(Progress):
            def epoch(self, epoch: Epoch) -> None:
                told.append(epoch.best)

        net = make_net(config.net, nd=3, in_channels=5, classes=2)
        optimizer = torch.optim.AdamW(net.parameters())
        run = Run(tmp_path, config, net, optimizer, TrainState(), Listener())
        for number, right in enumerate((5, 9, 9, 7), start=1):
            measured = Validation("IoU", right / 10, {"ground": right / 10})
            run.state.step = number
            run.epoch(Epoch(number, 0.5, 0.1, 1.0, measured))
        assert told == [True, True, False, False]
        steps = [
            load_tensors(tmp_path / f"{name}.safetensors")[1]["provenance"]["step"]
            for name in ("best", "last")
        ]
        assert steps == [2, 4]


def same_weights(folder: Path) -> bool:
    best, last = (load_file(folder / f"{name}.safetensors") for name in ("best", "last"))
    return all(torch.equal(best[key], last[key]) for key in last)


class TestResume:
    @pytest.mark.parametrize("stop_at", [2, STEPS, 2 * STEPS + 1])
    def test_equals_the_unbroken_run_bit_for_bit(
        self, tmp_path: Path, unbroken: Path, config: ScanConfig, go: Any, stop_at: int
    ) -> None:
        out = tmp_path / "run"
        assert go(config, out, stop_at=stop_at)
        assert (out / "best.safetensors").exists()
        assert not go(config, out, resume=True)
        for name in ("best", "last", "state"):
            assert same(unbroken, out, f"{name}.safetensors")
        assert rows(out) == rows(unbroken)

    def test_a_stopped_run_leaves_usable_models(
        self, tmp_path: Path, config: ScanConfig, go: Any, boxes: Any
    ) -> None:
        from volseg.models.load import load_scan_model

        go(config, tmp_path / "run", stop_at=1)
        for name in ("", "best.safetensors", "last.safetensors"):
            model = load_scan_model(tmp_path / "run" / name, "cpu")
            assert len(model(boxes(3, 400))) == 400

    def test_a_finished_run_stays_as_it_is(
        self, tmp_path: Path, config: ScanConfig, go: Any
    ) -> None:
        short = config.model_copy(update={"train": config.train.model_copy(update={"epochs": 1})})
        go(short, tmp_path)
        before = {one: one.read_bytes() for one in tmp_path.rglob("*.*") if one.is_file()}
        assert not go(short, tmp_path, resume=True)
        after = {one: one.read_bytes() for one in tmp_path.rglob("*.*") if one.is_file()}
        assert after == before

    @pytest.mark.parametrize("change", ["voxels.size=0.4", "train.batch=1", "seed=3", "classes"])
    def test_another_config_is_refused(
        self, tmp_path: Path, config_file: Path, config: ScanConfig, go: Any, change: str
    ) -> None:
        go(config, tmp_path, stop_at=1)
        if change == "classes":  # the same classes in another order mean other training ids
            labels = config.labels
            turned = dict(reversed(labels.classes.items()))
            update = {"labels": labels.model_copy(update={"classes": turned})}
            other = config.model_copy(update=update)
        else:
            other = load_config(config_file, [*QUICK, change])
        before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
        with pytest.raises(InputError, match="another config"):
            go(other, tmp_path, resume=True)
        assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before

    def test_nothing_to_resume_is_said(self, tmp_path: Path, config: ScanConfig, go: Any) -> None:
        with pytest.raises(InputError, match="no run to go on with"):
            go(config, tmp_path, resume=True)
        assert list(tmp_path.iterdir()) == []


class TestRefusals:
    @pytest.mark.parametrize(
        "name", ["state.safetensors", "best.safetensors", "log.csv", "config.yaml"]
    )
    def test_an_earlier_runs_files_are_not_overwritten(
        self, tmp_path: Path, config: ScanConfig, go: Any, name: str
    ) -> None:
        (tmp_path / name).write_bytes(b"precious")
        with pytest.raises(InputError, match=f"already holds {name}"):
            go(config, tmp_path)
        assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"precious"]

    def test_a_file_is_no_run_folder(self, tmp_path: Path, config: ScanConfig, go: Any) -> None:
        (tmp_path / "file").write_bytes(b"precious")
        for out in (tmp_path / "file", tmp_path / "file" / "sub"):
            with pytest.raises(InputError, match="file"):
                go(config, out)
        assert (tmp_path / "file").read_bytes() == b"precious"

    @pytest.mark.parametrize(
        "change",
        ["train.loss.weights=[1, 2, 3]", "data.validation=[z]", "voxels.features=[colour]"],
    )
    def test_a_run_that_cannot_start_leaves_nothing(
        self, tmp_path: Path, config_file: Path, go: Any, change: str
    ) -> None:
        with pytest.raises(InputError):
            go(load_config(config_file, [*QUICK, change]), tmp_path / "run")
        # What was prepared of the scans is whole, and stays for the next run.
        assert {one.name for one in tmp_path.iterdir()} <= {"volseg-cache"}
