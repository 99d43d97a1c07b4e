"""A run that learns objects: what it measures, and from images to ids of objects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.config import VolumeConfig, load_config
from volseg.errors import ConfigError, InputError
from volseg.io.volumes.files import read_volume, write_label_volume
from volseg.metrics import Panoptic
from volseg.models.load import load_volume_model
from volseg.runs.train import train

CONFIG = """
labels:
  classes:
    rest: { ids: [0] }
    box: { ids: [1], grouping: GROUPING }
images: { channels: [{ name: light }], spacing: [1, 1, 1], patch: [32, 32, 1], mirror: [0, 1] }
net: { widths: [8, 16], block: plain, norm: instance }
data: { folds: 3, objects: ids }
train:
  epochs: 3
  steps: 40
  batch: 4
  learning_rate: 0.01
  loss: { kind: dice_ce, weights: null }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of boxes side by side, each with a dark rim."""
    folder = tmp_path_factory.mktemp("boxes")
    for name in ("images", "labels"):
        (folder / name).mkdir()
    for case in range(6):
        random = np.random.default_rng(case)
        numbers, image = np.zeros((2, 48, 48, 1), np.uint8)
        for number in range(1, 13):
            x, y = 11 * ((number - 1) // 4) + 6, 10 * ((number - 1) % 4) + 4
            numbers[x : x + 10, y : y + 10] = number
            image[x + 1 : x + 9, y + 1 : y + 9] = random.integers(120, 220)
        image += random.integers(0, 20, image.shape).astype(np.uint8)
        write_label_volume(folder / "images" / f"{case}.png", image)
        write_label_volume(folder / "labels" / f"{case}.png", numbers)
    return folder


def config(folder: Path, grouping: str) -> VolumeConfig:
    path = folder / f"{grouping}.yaml"
    path.write_text(CONFIG.replace("GROUPING", grouping))
    loaded = load_config(path)
    assert isinstance(loaded, VolumeConfig)
    return loaded


@pytest.mark.parametrize("grouping", ["border", "centre"])
def test_from_images_to_objects(folder: Path, tmp_path: Path, grouping: str):
    train(config(folder, grouping), folder, tmp_path / "run", device="cpu")
    model = load_volume_model(tmp_path / "run", "cpu")
    (_, box) = model.labels.classes
    assert (box.scale, box.smallest) == (5.0, 100.0)
    numbers = np.zeros((48, 48, 1), np.int32)
    classes = model.label(read_volume(folder / "images" / "0.png"), objects=numbers)
    from volseg.io.volumes.files import read_label_volume

    truth = read_label_volume(folder / "labels" / "0.png").array[0]
    scores = Panoptic(2, [1])
    scores.update((truth > 0).astype(int), truth, classes, numbers)
    assert scores.scores().f1[1] > 0.6


def test_a_class_without_objects_is_refused(folder: Path, tmp_path: Path):
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
        for case in range(3):
            empty = np.zeros((32, 32, 1), np.uint8)
            empty[case, case] = 1 if name == "images" else 0
            write_label_volume(tmp_path / name / f"{case}.png", empty)
    with pytest.raises(InputError, match=r"no object of class 'box'"):
        train(config(folder, "border"), tmp_path, tmp_path / "run", device="cpu")


def test_truth_of_objects_has_to_be_named(folder: Path):
    path = folder / "missing.yaml"
    path.write_text(CONFIG.replace("GROUPING", "border").replace(", objects: ids", ""))
    with pytest.raises(ConfigError, match=r"data\.objects: missing"):
        load_config(path)
