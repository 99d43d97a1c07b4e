"""Small images, and runs over volumes that segment them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import torch

from volseg.config import VolumeModelSpec
from volseg.models.load import save_model
from volseg.models.nets import build_net

AFFINE = np.array([[0, -1.5, 0, 9], [1.2, 0, 0.3, -4], [0, 0.2, 2, 5], [0, 0, 0, 1.0]])
GRID = (9, 12, 7)


def spec(channels: int = 1, largest: tuple[str, ...] = ()) -> VolumeModelSpec:
    return VolumeModelSpec.model_validate(
        {
            "labels": {"classes": {"air": {"ids": [0]}, "organ": {"ids": [7]}}},
            "net": {"widths": [4, 8], "norm": "instance"},
            "images": {
                "channels": [{"name": f"c{one}"} for one in range(channels)],
                "spacing": [1, 1, 2],
                "patch": [8, 8, 8],
                "mirror": [0, 1],
            },
            "largest": largest,
        }
    )


def run(folder: Path, channels: int = 1, folds: int = 2) -> Path:
    for fold in range(folds):
        torch.manual_seed(fold)
        place = folder / f"fold_{fold}"
        place.mkdir(parents=True)
        net = build_net(spec(channels))
        save_model(place / "best.safetensors", spec(channels), net.state_dict(), {})
    return folder


def save(path: Path, seed: int = 0, channels: int | None = None) -> Path:
    path.parent.mkdir(exist_ok=True)
    shape = GRID if channels is None else (*GRID, channels)
    array = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(array, AFFINE), path)
    return path


def altered(path: Path, array: Any = None, affine: Any = AFFINE, **fields: Any) -> Path:
    """An image of other values, place or header."""
    array = np.random.default_rng(0).normal(size=GRID) if array is None else array
    made = nibabel.Nifti1Image(array.astype(np.float32), affine)
    for name, value in fields.items():
        made.header[name] = value
    nibabel.save(made, path)
    return path
