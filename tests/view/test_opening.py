"""Files to scenes: scans, voxel grids, label maps, images, and what does not belong together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from volseg.errors import InputError
from volseg.geometry import PointCloud, voxelize
from volseg.io import write, write_grid
from volseg.view.opening import open_scene
from volseg.view.scans.scene import ScanScene
from volseg.view.scene import Look, Points
from volseg.view.volumes.scene import VolumeScene


def opened(path: Path, **more: Any) -> Any:
    return open_scene(path, most=10**6, **more)


def scan(path: Path, labels: NDArray[np.int64]) -> Path:
    xyz = np.arange(3.0 * len(labels)).reshape(-1, 3)
    write(path, PointCloud(xyz, {"intensity": np.arange(len(labels))}, labels))
    return path


def nifti(path: Path, array: NDArray[np.generic]) -> Path:
    import nibabel as nib

    nib.save(nib.Nifti1Image(array, np.diag([2.0, 1, 1, 1])), path)
    return path


def test_a_scan_and_its_truth_in_another_format(tmp_path: Path) -> None:
    guess = scan(tmp_path / "a.ply", np.array([1, 2, 2, 1]))
    truth = scan(tmp_path / "b.npz", np.array([1, 2, 1, 1]))
    scene = opened(guess, truth=truth)
    assert isinstance(scene, ScanScene)
    assert scene.wrong.tolist() == [False, False, True, False]


def test_a_prediction_in_another_format_is_judged_as_its_truth_in_las(tmp_path: Path) -> None:
    guess = scan(tmp_path / "a.ply", np.array([2, 5, 5, 2]))
    truth = scan(tmp_path / "b.laz", np.array([2, 4, 5, 6]))
    scene = opened(guess, truth=truth)
    assert scene.wrong.tolist() == [False, False, False, True]
    assert "3, 4, 5 are one class" in scene.note
    assert [one.name for one in scene.classes] == [
        "2  ground",
        "3, 4, 5  vegetation",
        "6  building",
    ]
    other = scan(tmp_path / "c.npz", np.array([2, 4, 5, 6]))
    assert opened(guess, truth=other).wrong.tolist() == [False, True, False, True]


def test_a_voxel_grid_is_shown_by_its_centres(tmp_path: Path, boxes: Any) -> None:
    cloud = boxes(0)
    grid = voxelize(cloud, 0.5)
    fields = {"mean_intensity": grid.mean(cloud.attributes["intensity"])}
    write_grid(tmp_path / "g.npz", grid, {**fields, "labels": grid.majority(cloud.labels)})
    scene = opened(tmp_path / "g.npz")
    assert scene.modes == ("class", "height", "intensity", "points")
    (part,) = scene.parts(Look("class"))
    assert isinstance(part, Points)
    assert (part.xyz == grid.centres()).all()


def test_labels_and_images_are_told_apart(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    labels = np.zeros((20, 16, 12), np.int16)
    labels[4:12, 3:12, 2:10] = 300
    image = (random.normal(100, 9, (20, 16, 12))).astype(np.int16)
    image[:6] = 0  # air
    files = {
        "labels": nifti(tmp_path / "labels.nii.gz", labels),
        "image": nifti(tmp_path / "image.nii.gz", image),
        "floats": nifti(tmp_path / "floats.nii.gz", image + np.float32(0.5)),
        "nothing": nifti(tmp_path / "nothing.nii.gz", np.zeros((5, 5, 5), np.uint8)),
    }
    modes = {name: opened(path).modes for name, path in files.items()}
    assert modes == {
        "labels": ("class",), "image": ("intensity",), "floats": ("intensity",),
        "nothing": ("class",),
    }  # fmt: skip
    both = opened(files["labels"], image=files["image"])
    assert both.modes == ("class", "intensity")
    scattered = np.random.default_rng(0).integers(0, 2, (20, 16, 12)).astype(np.uint8)
    poor = nifti(tmp_path / "poor.nii.gz", scattered)  # of a network that has learnt little
    assert opened(poor).modes == ("intensity",)
    assert opened(poor, image=files["image"]).modes == ("class", "intensity")
    with pytest.raises(InputError, match="is an image itself"):
        opened(files["image"], image=files["image"])
    with pytest.raises(InputError, match="no labels to compare"):
        opened(files["image"], truth=files["labels"])


def test_an_image_is_the_right_way_up(tmp_path: Path) -> None:
    pixels = np.zeros((40, 60), np.uint8)
    pixels[5:12, 40:55] = 255  # above, on the right
    Image.fromarray(pixels).save(tmp_path / "mask.png")
    scene = opened(tmp_path / "mask.png")
    assert isinstance(scene, VolumeScene)
    assert scene.view == "top"
    assert scene.title == "mask.png: 60 x 40 pixels"
    (part,) = scene.parts(Look("class"))
    tinted = part.xyz[(part.colours != part.colours[0]).any(axis=1)]
    assert tinted[:, 0].mean() == pytest.approx(47)
    assert tinted[:, 1].mean() == pytest.approx(-8)
    assert "voxel 8, 47, 0" in scene.describe(np.array([47.2, -8.1, 0]), Look("class"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"path": "a.laz", "image": "v.nii.gz"}, "--image goes with label maps"),
        ({"path": "v.nii.gz", "label_field": "x"}, "has no fields"),
        ({"path": "a.docx"}, "no format volseg knows"),
        ({"path": "missing.laz"}, "does not exist"),
        ({"path": "a.laz", "truth": "short.laz"}, "holds 3 labels"),
        ({"path": "a.laz", "truth": "bare.laz"}, "holds no labels"),
        ({"path": "."}, "is a folder"),
    ],
)
def test_what_does_not_go_together_is_refused(
    tmp_path: Path, arguments: dict[str, str], said: str
) -> None:
    scan(tmp_path / "a.laz", np.array([1, 2, 2, 1]))
    scan(tmp_path / "short.laz", np.array([1, 2, 2]))
    write(tmp_path / "bare.npz", PointCloud(np.zeros((4, 3)) + np.arange(4)[:, None]))
    nifti(tmp_path / "v.nii.gz", np.zeros((4, 4, 4), np.uint8))
    (tmp_path / "a.docx").touch()
    places = {
        name: value if name == "label_field" else tmp_path / value.replace("bare.laz", "bare.npz")
        for name, value in arguments.items()
    }
    with pytest.raises(InputError, match=said) as raised:
        open_scene(most=100, **places)  # type: ignore[arg-type]
    assert str(tmp_path) in str(raised.value)
