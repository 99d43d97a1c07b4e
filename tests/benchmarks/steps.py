"""``python -m tests.benchmarks.steps``: a training step in float32 and bfloat16, side by side."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch

from volseg.config import VolumeConfig, load_config
from volseg.models.nets import build_net
from volseg.nn.layout import channels_last
from volseg.runs.recipe import build_loss, build_optimizer

RUNS = 7
PRESETS = ("mri/hippocampus", "mri/prostate", "mri/prostate_2d", "image/membrane")


def step(config: VolumeConfig, half: bool) -> Callable[[], None]:
    """One step on a batch of noise."""
    torch.manual_seed(0)
    sides = [config.images.patch[axis] for axis in config.images.axes]
    net = build_net(config)
    if half:
        net = channels_last(net, config.nd)
    batch, classes = config.train.batch, len(config.labels.classes)
    x = torch.randn(batch, len(config.images.channels), *sides)
    target = torch.randint(classes, (batch, *sides))
    optimizer = build_optimizer(config.train, net)
    counts = torch.bincount(target.flatten(), minlength=classes).numpy()
    loss = build_loss(config.train.loss, counts, torch.device("cpu"))

    def run() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            logits = net(x)
        optimizer.zero_grad()
        loss(logits, target).backward()
        optimizer.step()

    return run


def main() -> None:
    """Time both in alternating order after a warm-up of each, and print the table."""
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, median of {RUNS}.\n")  # noqa: T201
    print("| preset | float32 | bfloat16, channels last | ratio |\n|---|---|---|---|")  # noqa: T201
    for name in PRESETS:
        config = load_config(name)
        assert isinstance(config, VolumeConfig)
        sides = [step(config, half) for half in (False, True)]
        seconds: list[list[float]] = [[], []]
        for number in range(RUNS + 1):
            for side, times in zip(sides, seconds, strict=True):
                started = time.perf_counter()
                side()
                if number:
                    times.append(time.perf_counter() - started)
        plain, half = map(statistics.median, seconds)
        print(f"| {name} | {plain:.2f} s | {half:.2f} s | {plain / half:.1f} |")  # noqa: T201


if __name__ == "__main__":
    main()
