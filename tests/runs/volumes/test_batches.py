"""Batches are what the config says, an even share of them for each process."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.plan.test_draft import draft
from volseg.data.volumes.store import save_case
from volseg.plan.topology import topology
from volseg.runs.volumes.batches import build_patches


def test_processes_share_a_batch(tmp_path: Path) -> None:
    config = draft().config(topology((1.0, 1.0, 4.0), (16, 16, 8)), 4)
    random = np.random.default_rng(0)
    image = random.standard_normal((1, 20, 20, 9), np.float32)
    case = save_case("a", tmp_path / "a", image, random.integers(0, 3, (20, 20, 9), np.int8), 3)
    for processes in (1, 2):
        batch = build_patches(config, [case], processes).draw(0)
        assert batch.inputs.shape == (4 // processes, 1, *config.images.patch)
        assert batch.targets.shape == (4 // processes, *config.images.patch)
