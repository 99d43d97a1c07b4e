"""What the examples of the face suppose to be there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

import volseg as vs

BOXES = """
labels:
  ignore: [0]
  classes: { ground: { ids: [2] }, building: { ids: [6, 5] } }
data: { validation: ["b.*"] }
voxels: { size: 0.5, features: [log_count, offset, height] }
net: { widths: [4, 8] }
train: { steps: 4, batch: 1, crop: 12 }
"""
BALLS = """
labels: { classes: { background: { ids: [0] }, ball: { ids: [1] } } }
images: { channels: [{ name: T1 }], spacing: [1, 1, 1.5], patch: [8, 8, 8] }
net: { widths: [4, 8], block: plain, norm: instance }
train: { epochs: 1, steps: 2, loss: { kind: dice_ce, weights: null } }
"""


@pytest.fixture(scope="module")
def face_files(
    tmp_path_factory: pytest.TempPathFactory, boxes: Any, make_balls: Any, scene_folder: Path
) -> Path:
    """What the examples suppose to be there."""
    from volseg.config import ScanConfig, VolumeConfig, load_config
    from volseg.models.load import save_model
    from volseg.models.nets import build_net

    folder = tmp_path_factory.mktemp("world")
    vs.write(folder / "tile.laz", boxes(0))
    shutil.copytree(scene_folder, folder / "tiles")
    make_balls(folder / "balls", cases=4)
    shutil.copytree(folder / "balls" / "labelsTr", folder / "labels")
    shutil.copy(folder / "balls" / "imagesTr" / "case_000_0000.nii.gz", folder / "t1.nii.gz")
    torch.manual_seed(0)
    for name, text in (("boxes", BOXES), ("balls", BALLS)):
        (folder / f"{name}.yaml").write_text(text)
        config = load_config(folder / f"{name}.yaml")
        assert isinstance(config, ScanConfig | VolumeConfig)
        net = build_net(config)
        run = folder / "runs" / name
        run.mkdir(parents=True)
        save_model(run / "best.safetensors", config.model_spec(), net.state_dict(), {})
    return folder


@pytest.fixture
def world(face_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is the current folder."""
    shutil.copytree(face_files, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path
