"""Pictures of truth, prediction and errors: red where the prediction is wrong, and there alone."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from volseg.config import load_config
from volseg.demo.acts import ABDOMENS
from volseg.demo.pictures import draw_scan, draw_volume
from volseg.geometry import PointCloud
from volseg.io import write
from volseg.view import View

SIDE = 24


def reds(image: Image.Image) -> int:
    """Pixels of the picture's upper part, where no legend is, that are red."""
    pixels = np.asarray(image.convert("RGB")).astype(int)[: image.height // 2]
    return int(((pixels[..., 0] > 150) & (pixels[..., 1:].max(axis=-1) < 60)).sum())


@pytest.mark.parametrize("views", [("top",), ("top", "side")])
def test_points(tmp_path: Path, views: tuple[View, ...]) -> None:
    x, y = np.meshgrid(np.arange(30.0), np.arange(20.0))
    xyz = np.stack([x, y, np.where(x > 20, 5.0, 0.0)], axis=-1).reshape(-1, 3)
    labels = load_config("lidar/aerial").labels.label_map()
    truth = np.where(xyz[:, 2] > 0, 6, 2)
    for name, ids in (("truth", truth), ("all right", truth), ("wrong", np.full(len(xyz), 2))):
        cloud = PointCloud(xyz, {}, ids, label_field="classification")
        write(tmp_path / f"{name}.laz", cloud)
    right, wrong = (
        draw_scan(tmp_path / "truth.laz", tmp_path / f"{name}.laz", labels, views)
        for name in ("all right", "wrong")
    )
    assert right.size == wrong.size
    assert reds(right) == 0
    assert reds(wrong) > 500


def test_voxels(tmp_path: Path) -> None:
    truth = np.zeros((SIDE, SIDE, SIDE), dtype=np.uint8)
    truth[6:16, 6:16, 6:16] = 4
    moved = np.roll(truth, 3, axis=0)
    for name, array in (("image", truth.astype(np.int16) * 20), ("truth", truth), ("moved", moved)):
        nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), tmp_path / f"{name}.nii.gz")
    labels = load_config(ABDOMENS).labels.label_map()
    image, true = tmp_path / "image.nii.gz", tmp_path / "truth.nii.gz"
    assert reds(draw_volume(image, true, true, labels)) == 0
    assert reds(draw_volume(image, true, tmp_path / "moved.nii.gz", labels)) > 500
