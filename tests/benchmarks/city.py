"""``python -m tests.benchmarks.city [MILLIONS...]``: how a scan's size shows in time and memory.

Repeats a real tile side by side into LAZ files of so many million points, segments each with
``volseg predict`` in a process of its own, and prints points a second and the peak of memory. The
network is random, of the usual shape: what it answers does not change what it takes.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import laspy
import numpy as np
import torch
from rich.console import Console

from volseg.config import LabelSpec, NetSpec, ScanModelSpec
from volseg.config.scan import VoxelSpec
from volseg.models.load import save_model
from volseg.models.nets import build_net

# A child's peak begins at that of the process that started it, so a small one does.
MEASURE = """
import json, resource, subprocess, sys, time
started = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([time.perf_counter() - started, peak * (1 if sys.platform == "darwin" else 1024)]))
"""
screen = Console(highlight=False, soft_wrap=True)
DATA = Path(os.environ.get("VOLSEG_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
TILE = DATA / "lidar" / "ahn3_3dfier"


def main() -> None:
    """Measure every size asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("millions", nargs="*", type=float, default=[1, 3, 10])
    parser.add_argument("--tile", type=Path, help="a LAS or LAZ file; a real one by default")
    parser.add_argument("--voxel", type=float, default=0.5, help="metres")
    parser.add_argument("--widths", type=int, nargs="+", default=[16, 32, 64, 96])
    chosen = parser.parse_args()
    tile = chosen.tile or next(iter(sorted(TILE.glob("*.la[sz]"))))
    screen.print("points      seconds  points/s  peak MiB")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make_model(folder / "model.safetensors", chosen.voxel, chosen.widths)
        for millions in chosen.millions:
            points = make_city(tile, folder / "city.laz", int(millions * 1e6))
            seconds, peak = predict(folder)
            speed = points / seconds
            screen.print(f"{points:<11,} {seconds:>7.1f} {speed:>9,.0f} {peak / 2**20:>9,.0f}")


def make_city(tile: Path, path: Path, points: int) -> int:
    """Write copies of a tile side by side in a square, the last cut short; gives the points."""
    with laspy.open(tile) as source:
        header, records = source.header, source.read_points(-1)
    side = math.ceil(math.sqrt(points / len(records)))
    width = [int(np.ptp(records[axis])) + 100 for axis in "XY"]
    first = {axis: np.array(records[axis]) for axis in "XY"}
    written = 0
    with laspy.open(path, "w", header=header) as target:
        for number in range(math.ceil(points / len(records))):
            steps = divmod(number, side)
            for axis, step, size in zip("XY", steps, width, strict=True):
                records[axis] = first[axis] + step * size
            part = records[: points - written]
            target.write_points(part)
            written += len(part)
    return written


def make_model(path: Path, voxel: float, widths: list[int]) -> None:
    """A random model of eight classes."""
    torch.manual_seed(0)
    spec = ScanModelSpec(
        labels=LabelSpec.model_validate(
            {"classes": {f"class {one}": {"ids": [one]} for one in range(8)}}
        ),
        voxels=VoxelSpec(size=voxel, features=("log_count", "offset", "height")),
        net=NetSpec(widths=tuple(widths)),
    )
    save_model(path, spec, build_net(spec).state_dict(), {})


def predict(folder: Path) -> tuple[float, int]:
    """Seconds and peak bytes of one prediction, its start included."""
    return measured(
        "predict", str(folder / "model.safetensors"), str(folder / "city.laz"),
        "-o", str(folder / "out.laz"), "--overwrite", "--device", "cpu",
    )  # fmt: skip


def measured(*command: str) -> tuple[float, int]:
    """Seconds and peak bytes of a command of volseg's, its start included."""
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, sys.executable, "-m", "volseg_cli", *command],
        stdout=subprocess.PIPE,
        check=True,
    )
    seconds, peak = json.loads(answer.stdout)
    return seconds, peak


if __name__ == "__main__":
    main()
