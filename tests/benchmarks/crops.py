"""``python -m tests.benchmarks.crops``: voxels a second of training the Oakland preset."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from tests.benchmarks.scenes import data
from volseg.config import ScanConfig, load_config
from volseg.data.scans.crops import Crops
from volseg.models.nets import build_net
from volseg.nn.allocator import keep_freed_memory
from volseg.runs.recipe import build_loss
from volseg.runs.scans.splits import load_split
from volseg.runs.scans.training import build_crops

WARM, STEPS = 5, 20


def main() -> None:
    """Time whole steps on batches as training draws them, and print the mean speed."""
    keep_freed_memory()
    config = load_config("lidar/oakland")
    assert isinstance(config, ScanConfig)
    with TemporaryDirectory() as folder:
        oakland = data("lidar", "oakland_mls")
        scans, _ = load_split(config, oakland, Path(folder))
        print(measure(config, build_crops(config, scans)))  # noqa: T201


def measure(config: ScanConfig, crops: Crops) -> str:
    """How fast a network learns from crops, and what of the time drawing them takes."""
    net = build_net(config)
    optimizer = torch.optim.AdamW(net.parameters())
    loss = build_loss(config.train.loss, crops.counts, torch.device("cpu"))
    voxels, seconds, drawing = 0, 0.0, 0.0
    for number in range(WARM + STEPS):
        before = time.perf_counter()
        batch = crops.draw(number)
        started = time.perf_counter()
        value = loss(net(batch.inputs).features, batch.targets)
        optimizer.zero_grad()
        torch.autograd.backward(value)
        optimizer.step()
        if number >= WARM:
            voxels, seconds = voxels + len(batch.targets), seconds + time.perf_counter() - started
            drawing += started - before
    parameters = sum(one.numel() for one in net.parameters())
    return (
        f"{parameters:,} parameters, {torch.get_num_threads()} threads: "
        f"{voxels / seconds:,.0f} voxels a second, forward, backward and step, maps included; "
        f"{1000 * seconds / STEPS:,.0f} ms a step, and {1000 * drawing / STEPS:,.0f} to draw it"
    )


if __name__ == "__main__":
    main()
