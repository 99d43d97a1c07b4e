"""Fixtures every test shares."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.geometry import PointCloud

# Nets of tests are tiny: threads cost them more than they give, most of all on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

GROUND, BOX = 2, 6
CONFIG = """
labels:
  ignore: [0]
  classes:
    ground: { ids: [2], colour: "#B8A07E" }
    box: { ids: [6, 5] }
data: { validation: ["b.*"] }
voxels: { size: 0.5, features: [log_count, offset, height] }
net: { widths: [8, 16] }
train: { epochs: 2, steps: 24, batch: 2, crop: 16, learning_rate: 0.02 }
"""


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data (``VOLSEG_DATA``, else ``../shared/data``), or skip."""
    folder = Path(
        os.environ.get("VOLSEG_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")
    )
    if not folder.is_dir():
        pytest.skip(f"real data not found at {folder}; set VOLSEG_DATA to its folder")
    return folder.resolve()


@pytest.fixture(scope="session")
def boxes() -> Callable[..., PointCloud]:
    """Scans of a plane with a few boxes on it, far from the origin: easy to learn."""

    def make(seed: int, points: int = 4000) -> PointCloud:
        random = np.random.default_rng(seed)
        ground = random.uniform((0, 0, 0), (30, 20, 0.05), (points // 2, 3))
        corner = random.uniform(2, 16, (4, 1, 3)) * (1.5, 1, 0)
        box = corner + random.uniform(0, 3, (4, points // 8, 3))
        xyz = np.concatenate((ground, box.reshape(-1, 3)))
        labels = np.repeat((GROUND, BOX), (len(ground), len(xyz) - len(ground)))
        order = random.permutation(len(xyz))
        return PointCloud(
            np.round(xyz[order] + (500_000, 5_000_000, 100), 3),
            {"intensity": random.integers(0, 60_000, len(xyz)).astype(np.uint16)},
            labels[order],
            label_field="classification",
        )

    return make


@pytest.fixture(scope="session")
def scene_folder(tmp_path_factory: pytest.TempPathFactory, boxes: Any) -> Path:
    """A folder of two such scans, ``a.laz`` to train on and ``b.laz`` to validate."""
    from volseg.io import write

    folder = tmp_path_factory.mktemp("scenes")
    for number, name in enumerate("ab"):
        write(folder / f"{name}.laz", boxes(number))
    return folder


@pytest.fixture(scope="session")
def config_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config that learns such a scan within seconds."""
    path = tmp_path_factory.mktemp("configs") / "boxes.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture(scope="session")
def run_folder(
    tmp_path_factory: pytest.TempPathFactory, scene_folder: Path, config_file: Path
) -> Path:
    """A finished run over those scans; read only."""
    from volseg.builders.training import train
    from volseg.config import load_config

    run = tmp_path_factory.mktemp("runs") / "boxes"
    train(load_config(config_file), scene_folder, run, watcher=Silent(), device="cpu")
    return run


class Silent:
    """A watcher that says nothing; a test overrides what it wants to see."""

    def on_work(self, what: str, share: float) -> None: ...

    def on_start(self, start: Any) -> None: ...

    def on_step(self, share: float, loss: float) -> None: ...

    def on_epoch(self, epoch: Any, best: bool) -> None: ...

    def on_validated(self, found: Any, largest: Any) -> None: ...


@pytest.fixture(scope="session")
def silent() -> type[Silent]:
    """The class of watchers that say nothing."""
    return Silent
