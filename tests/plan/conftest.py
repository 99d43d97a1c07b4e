"""Small datasets on disk, and a machine that measures nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch

from volseg.config import VolumeConfig, VolumeModelSpec
from volseg.models.nets import build_net

Make = Callable[..., Path]


@dataclass
class PaperMachine:
    """Claims to have used ``used(config)`` bytes and ``takes(config)`` seconds."""

    used: Callable[[VolumeConfig], int] = lambda config: 1000
    takes: Callable[[VolumeConfig], float] = lambda config: 1.0
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    asked: list[VolumeConfig] = field(default_factory=list)

    def build(self, spec: VolumeModelSpec) -> torch.nn.Module:
        return build_net(spec)

    def half(self) -> bool:
        return True

    def measure(self, config: VolumeConfig, *, half: bool) -> int:
        self.asked.append(config)
        return self.used(config)

    def seconds(self, config: VolumeConfig, *, half: bool) -> float:
        return self.takes(config)


@pytest.fixture
def paper() -> type[PaperMachine]:
    return PaperMachine


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write an nnU-Net dataset: one case for every grid, noise with a box of class 1."""

    def write(
        *grids: Sequence[int],
        affine: Any = None,
        channels: Sequence[str] = ("T1",),
        labels: Any = None,
        zeros: float = 0.0,
        box: int = 1,
    ) -> Path:
        folder = tmp_path / "data"
        for part in ("imagesTr", "labelsTr"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        said = {
            "channel_names": {str(n): name for n, name in enumerate(channels)},
            "labels": labels or {"background": 0, "box": 1},
            "numTraining": len(grids),
            "file_ending": ".nii.gz",
        }
        (folder / "dataset.json").write_text(json.dumps(said))
        for number, grid in enumerate(grids):
            random = np.random.default_rng(number)
            place = np.eye(4) if affine is None else affine
            outside = random.permutation(int(np.prod(grid))) < zeros * np.prod(grid)
            for channel in range(len(channels)):
                image = random.normal(100, 20, grid).astype(np.float32)
                image[outside.reshape(grid)] = 0
                path = folder / "imagesTr" / f"case{number}_{channel:04d}.nii.gz"
                nib.save(nib.Nifti1Image(image, place), path)
            truth = np.zeros(grid, np.uint8)
            truth[tuple(slice(0, -(-side // 2)) for side in grid)] = box
            path = folder / "labelsTr" / f"case{number}.nii.gz"
            nib.save(nib.Nifti1Image(truth, place), path)
        return folder

    return write
