"""What is done on the device, in a process of its own, as it changes what torch knows.

    python -m tests.simulated.scenarios BUILD FOLDER

prints a line of JSON: of every scenario the error it ended with or None, and of steps of training
how often the host waited for the device.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, PartialState

import volseg as vs
from tests.conftest import BALLS, CONFIG, scan_of_boxes, write_balls
from tests.simulated.device import NAME, register
from volseg.config import load_config
from volseg.models import load
from volseg.plan import defaults
from volseg.runs import planning
from volseg.runs import train as runs
from volseg.runs.machine import ThisMachine
from volseg.runs.precision import start_accelerator
from volseg.train.feed import BUILDERS
from volseg.train.loop import Trainer

STEPS = 12
SHORT = [f"train.steps={STEPS}", "train.epochs=1"]
FOLDS = "data.folds=2"
THINGS = """
labels: { classes: { ground: { ids: [2] }, box: { ids: [6], grouping: centre } } }
data: { validation: ["b.*"] }
voxels: { size: 0.5, features: [log_count, offset, height] }
net: { widths: [8, 16] }
train: { batch: 2, crop: 16 }
"""


def use(device: str) -> None:
    """Let volseg train and predict there."""

    def start(place: torch.device, precision: str = "float32") -> Accelerator:
        accelerator = begin(torch.device("cpu"))
        for state in (PartialState, AcceleratorState):
            state._shared_state["device"] = place
        return accelerator

    begin = start_accelerator
    for module in (load, runs, planning):
        module.pick_device = lambda name: torch.device(device)  # type: ignore[attr-defined]
    runs.start_accelerator = start  # type: ignore[attr-defined]
    defaults.FIRST_WIDTH[device] = 8


def write_scans(folder: Path) -> None:
    folder.mkdir()
    for number, name in enumerate("ab"):
        cloud = scan_of_boxes(number)
        assert cloud.labels is not None
        things = np.where(cloud.labels == 6, 1 + (cloud.xyz[:, 0] > 500_015), 0)
        vs.write(
            folder / f"{name}.laz",
            vs.PointCloud(cloud.xyz, cloud.attributes, cloud.labels, instances=things),
        )


def scans(folder: Path, text: str, *changes: str) -> None:
    """Train on scans, go on, start from what was learnt, predict, and report."""
    config = folder / "config.yaml"
    config.write_text(text)
    data, run = folder / "scans", folder / "run"
    write_scans(data)
    vs.train(load_config(config, [*SHORT, *changes]), data, run, feeders=BUILDERS)
    vs.train(
        load_config(config, [*SHORT, *changes, "train.epochs=2"]),
        data,
        run,
        resume=True,
        feeders=BUILDERS,
    )
    spec = load_config(config, [*SHORT, *changes])
    vs.train(spec, data, folder / "again", pretrained=run, feeders=BUILDERS)
    vs.segment(data / "b.laz", folder / "labelled.laz", model=run, tta=True)
    labels = vs.segment(vs.read(data / "b.laz"), model=run).labels
    assert set(labels) <= {2, 6}
    vs.report(run, target=folder / "report.html")


def volumes(folder: Path, *changes: str, text: str = BALLS) -> None:
    """Train on volumes, go on, predict, and report."""
    config = folder / "config.yaml"
    config.write_text(text)
    data, run = write_balls(folder / "balls", cases=4), folder / "run"
    vs.train(load_config(config, [*SHORT, FOLDS, *changes]), data, run, feeders=BUILDERS)
    vs.train(
        load_config(config, [*SHORT, FOLDS, *changes, "train.epochs=2"]), data, run, resume=True
    )
    image = sorted((data / "imagesTr").iterdir())[0]
    vs.segment(image, folder / "labels.nii.gz", model=run, tta=True)
    assert vs.read(folder / "labels.nii.gz", labels=True).array.max() <= 1
    vs.report(run, target=folder / "report.html")


def planned(folder: Path) -> None:
    """Plan for the device, whose memory is that of the CPU."""
    ThisMachine.half = lambda machine: False  # type: ignore[method-assign]
    made = vs.plan(write_balls(folder / "balls", cases=4), memory="200MB")
    assert made.config.nd == 3


SCENARIOS: dict[str, Callable[[Path], None]] = {
    "scans": partial(scans, text=CONFIG),
    "scans, Lovasz": lambda folder: scans(folder, CONFIG, "train.loss.kind=lovasz_ce"),
    "scans, objects": partial(scans, text=THINGS),
    "volumes": volumes,
    "volumes, focal": lambda folder: volumes(folder, "train.loss.kind=focal"),
    "slices": lambda folder: volumes(folder, "images.patch=[16, 16, 1]"),
    "plan": planned,
}


def watch_steps(counts: Any) -> list[Counter[str]]:
    """Keep how often the host waits in every step of training from now on, and for what."""
    steps: list[Counter[str]] = []
    take = Trainer._step

    def counted(trainer: Trainer, batch: Any) -> float:
        counts.reset()
        value = take(trainer, batch)
        steps.append(Counter(counts.waits()))
        return value

    Trainer._step = counted  # type: ignore[method-assign]
    return steps


def main(build: Path, folder: Path) -> None:
    counts = register(build)
    use(NAME)
    steps = watch_steps(counts)
    found: dict[str, Any] = {}
    for name, scenario in SCENARIOS.items():
        place = folder / name
        place.mkdir()
        steps.clear()
        try:
            scenario(place)
            error = None
        except Exception:
            error = traceback.format_exc()
        found[name] = {"error": error, "steps": [dict(step) for step in steps]}
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    os._exit(0)  # torch's threads for the device would not end


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
