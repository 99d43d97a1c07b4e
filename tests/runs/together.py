"""What each of two processes does for `test_processes`; the last thing fails in one of them.

Usage: ``together.py SCANS SCAN_CONFIG VOLUMES VOLUME_CONFIG OUT``, in processes that a launcher
started.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
import typer
from torch import Tensor, nn

from volseg.config import load_config
from volseg.data.batch import Batch
from volseg.data.scans.crops import Crops
from volseg.errors import InputError
from volseg.progress import Progress
from volseg.runs.precision import start_accelerator
from volseg.runs.scans import validation as scoring
from volseg.runs.train import train
from volseg.runs.volumes import patch_scores as patch_scoring
from volseg.train.distributed import summed
from volseg.train.loop import Trainer, TrainState
from volseg.train.schedule import Schedule
from volseg_cli.launch import member

RANK, WORLD = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])


class Points:
    """Batches of points in the plane; where one process is alone, those that two would have."""

    def __init__(self, world: int) -> None:
        self.world = world

    def draw(self, number: int) -> Batch:
        numbers = [2 * number, 2 * number + 1] if self.world == 1 else [number]
        seeds = [torch.Generator().manual_seed(one) for one in numbers]
        inputs = torch.cat([torch.randn(16, 2, generator=one) for one in seeds])
        return Batch(inputs, (inputs.sum(dim=1) > 0).long())


class Told(Progress):
    """Counts what is told, and stops a run at one step where wanted."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.steps, self.losses, self.stop_at = 0, list[float](), stop_at

    def step(self, share: float, loss: float) -> None:
        self.steps += 1
        self.losses.append(loss)
        if self.steps == self.stop_at:
            os.kill(os.getpid(), signal.SIGINT)

    def epoch(self, epoch: Any) -> None: ...


def fit(net: nn.Module, told: Any, world: int = WORLD) -> list[Tensor]:
    """Train a small network; what it holds then."""
    torch.manual_seed(world)  # processes that drew other weights take those of the first
    Trainer(
        net=net,
        optimizer=torch.optim.SGD(net.parameters(), lr=0.1),
        batches=Points(world),
        loss=F.cross_entropy,
        schedule=Schedule(1, 12),
        accelerator=start_accelerator(torch.device("cpu")),
        progress=told,
        state=TrainState(),
        validate=None,
    ).fit()
    return list(net.state_dict().values())


def count_totals() -> list[Any]:
    """From here on, every confusion matrix summed over the processes."""
    totals: list[Any] = []

    def keep(counts: Any, accelerator: Any) -> Any:
        totals.append(summed(counts, accelerator))
        return totals[-1]

    for module in (scoring, patch_scoring):
        module.summed = keep  # type: ignore[attr-defined]
    return totals


def main(scans: Path, scan_config: str, volumes: Path, volume_config: str, out: Path) -> None:
    torch.manual_seed(RANK)
    normed = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
    plain, told = nn.Linear(2, 2), Told()
    nn.init.ones_(plain.weight), nn.init.zeros_(plain.bias)
    found = {
        "plain": [one.tolist() for one in fit(plain, told)],
        "normed": [one.tolist() for one in fit(normed, Told())],
        "losses": told.losses,
    }
    totals, kept = count_totals(), dict[str, Any]()

    def run(name: str, config: str, data: Path, *changes: str, **options: Any) -> bool:
        spec, start = load_config(config, changes), len(totals)
        watcher = Told(options.pop("stop_at", None))
        stopped = train(spec, data, out / name, progress=watcher, device="cpu", **options)
        kept[name] = [one.tolist() for one in totals[start:]]
        found[f"{name} steps"] = watcher.steps
        return stopped

    run("three", scan_config, scans)
    assert run("broken", scan_config, scans, stop_at=3)
    assert not run("broken", scan_config, scans, resume=True)
    run("minutes", scan_config, scans, "train.steps=1000", minutes=0.01)
    run("one", scan_config, scans, "data.validation=[b.*]", "train.epochs=1")
    run("volumes", volume_config, volumes)
    (out / f"{RANK}.json").write_text(json.dumps(found | {"totals": kept}))

    whole = Crops.draw

    def draw(self: Crops, number: int) -> Batch:
        if number == 5:  # the third batch of the second process
            raise InputError("a file is gone")
        return whole(self, number)

    Crops.draw = draw  # type: ignore[method-assign]
    run("failed", scan_config, scans)


if __name__ == "__main__":
    one, two, three, four, five = sys.argv[1:]
    try:
        with member():
            main(Path(one), two, Path(three), four, Path(five))
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
