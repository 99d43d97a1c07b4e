"""Fixtures every test shares."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from volseg.geometry import PointCloud

# Nets of tests are tiny: threads cost them more than they give, most of all on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine fails no test by its speed.
settings.register_profile("volseg", deadline=None)
settings.load_profile("volseg")

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

BALLS = """
labels: { classes: { background: { ids: [0] }, ball: { ids: [1] } } }
images: { channels: [{ name: T1 }], spacing: [1, 1, 1.5], patch: [16, 16, 8], mirror: [0, 1] }
net: { widths: [6, 12], block: plain, norm: instance, activation: leaky_relu, supervised: 1 }
train:
  epochs: 4
  steps: 16
  batch: 2
  learning_rate: 0.02
  loss: { kind: dice_ce, weights: null }
"""


def write_image(path: Path, array: NDArray[Any], affine: NDArray[Any]) -> None:
    """Write a NIfTI file, and the folders it lies in."""
    import nibabel as nib

    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(array, affine), path)


def write_balls(
    folder: Path,
    cases: int = 10,
    grid: tuple[int, int, int] = (16, 20, 12),
    channels: int = 1,
    core: int = 1,
    names: Sequence[str] = (),
) -> Path:
    """Write a dataset of images of a bright ball with a brighter core, as nnU-Net lays it out.

    Every other case is oblique and stored towards left, posterior, superior.
    """
    random = np.random.default_rng(cases)
    turn = np.array([[-0.98, 0.17, 0], [-0.17, -0.98, 0], [0, 0, 1]])
    for number in range(cases):
        affine = np.diag([1, 1, 1.5, 1.0])
        if number % 2:
            affine[:3, :3] = turn * (1, 1, 1.5)
        affine[:3, 3] = random.normal(scale=50, size=3)
        middle = [random.uniform(0.35, 0.65) * side for side in grid]
        offsets = np.indices(grid) - np.reshape(middle, (3, 1, 1, 1))
        far = np.sqrt((offsets**2).sum(axis=0))
        truth = np.where(far < 2, core, np.where(far < 4.5, 1, 0)).astype(np.uint8)
        name = names[number] if names else f"case_{number:03d}"
        write_image(folder / "labelsTr" / f"{name}.nii.gz", truth, affine)
        for channel in range(channels):
            image = 100 * ((far < 4.5) + 1.0 * (far < 2)) + random.normal(scale=20, size=grid)
            file = folder / "imagesTr" / f"{name}_{channel:04d}.nii.gz"
            write_image(file, image.astype(np.int16), affine)
    description = {
        "channel_names": {str(number): f"T{number + 1}" for number in range(channels)},
        "labels": {"background": 0, "ball": 1} | ({"core": core} if core > 1 else {}),
        "file_ending": ".nii.gz",
    }
    (folder / "dataset.json").write_text(json.dumps(description))
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data (``VOLSEG_DATA``, else ``../shared/data``), or skip."""
    folder = Path(
        os.environ.get("VOLSEG_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")
    )
    if not folder.is_dir():
        pytest.skip(f"real data not found at {folder}; set VOLSEG_DATA to its folder")
    return folder.resolve()


def scan_of_boxes(seed: int, points: int = 4000) -> PointCloud:
    """A scan of a plane with a few boxes on it, far from the origin: easy to learn."""
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


@pytest.fixture(scope="session")
def boxes() -> Callable[..., PointCloud]:
    """Scans of boxes, see `scan_of_boxes`."""
    return scan_of_boxes


@pytest.fixture(scope="session")
def keep(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Puts a prepared scan on disk, as training does: so many labels, columns of an edge."""
    from volseg.data.scans.columns import Counter
    from volseg.data.scans.store import CachedScan, write_scan

    def make(scan: Any, labels: int, edge: float = 4.0, parts: Any = None) -> CachedScan:
        folder = tmp_path_factory.mktemp("kept")
        counter = Counter(edge, labels)
        counter.add(scan.metres, scan.labels)
        columns = counter.columns()
        write_scan(folder, columns, parts or [scan], scan.attributes)
        return CachedScan(scan.name, folder, edge, columns.axis, tuple(scan.attributes))

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
    from volseg.config import load_config
    from volseg.runs.train import train

    run = tmp_path_factory.mktemp("runs") / "boxes"
    train(load_config(config_file), scene_folder, run, device="cpu")
    return run


@pytest.fixture(scope="session")
def make_balls() -> Callable[..., Path]:
    """Writes a dataset of images of balls, see `write_balls`."""
    return write_balls


@pytest.fixture(scope="session")
def balls(tmp_path_factory: pytest.TempPathFactory, make_balls: Callable[..., Path]) -> Path:
    """Such a dataset of ten cases; read only."""
    return make_balls(tmp_path_factory.mktemp("balls"))


@pytest.fixture(scope="session")
def balls_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config that learns it within seconds."""
    path = tmp_path_factory.mktemp("configs") / "balls.yaml"
    path.write_text(BALLS)
    return path


@pytest.fixture
def bundled_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An empty folder in place of that of the models that come with the package."""
    from volseg.models import bundled

    folder = tmp_path_factory.mktemp("bundled")
    monkeypatch.setattr(bundled, "FOLDER", folder)
    return folder


@pytest.fixture
def aerial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of the preset of airborne scans, which has learnt nothing."""
    import torch

    from volseg.config import ScanModelSpec, load_config
    from volseg.models.load import save_model
    from volseg.models.nets import build_net

    torch.manual_seed(0)
    spec = load_config("lidar/aerial").model_spec()
    assert isinstance(spec, ScanModelSpec)
    path = tmp_path_factory.mktemp("models") / "aerial.safetensors"
    provenance = {"volseg": "0", "torch": "0", "seed": 0, "step": 0, "scores": {}}
    save_model(path, spec, build_net(spec).state_dict(), provenance)
    return path
