"""A sound dataset, and ways to break one case of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

from volseg.data.volumes.checks.check import check_dataset
from volseg.data.volumes.datasets.cases import Problem

LPS = np.array([[-0.8, 0, 0, 40], [0, -0.8, 0, 30.5], [0, 0, 2, -20], [0, 0, 0, 1.0]])
SHAPE = (6, 7, 5)


def save(path: Path, array: Any, affine: Any = LPS, channels: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    array = np.asarray(array)
    image = nib.Nifti1Image(array if channels == 1 else np.stack([array] * channels, -1), None)
    image.header.set_sform(affine, 1)
    image.header.set_zooms((1,) * image.ndim)
    image.to_filename(path)
    return path


def image_of(seed: int) -> Any:
    return np.random.default_rng(seed).normal(100, 20, SHAPE).astype(np.float32)


def label_of(seed: int) -> Any:
    label = np.zeros(SHAPE, np.uint8)
    label[1:4, 2:5, 1 + seed % 2 : 4] = 1
    label[1, 2, 2] = 4
    return label


class Made:
    """A sound dataset of three cases in nnU-Net's layout; tests break the case ``b``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for seed, name in enumerate("abc"):
            save(folder / f"imagesTr/{name}_0000.nii.gz", image_of(seed))
            save(folder / f"labelsTr/{name}.nii.gz", label_of(seed))
        said = {"channel_names": {"0": "T2"}, "file_ending": ".nii.gz"}
        said |= {"labels": {"background": 0, "zone": 1, "gland": 4}}
        (folder / "dataset.json").write_text(json.dumps(said))
        self.image = folder / "imagesTr/b_0000.nii.gz"
        self.label = folder / "labelsTr/b.nii.gz"

    def check(self, **options: Any) -> tuple[Problem, ...]:
        return check_dataset(self.folder, **options).problems


def moved(shift: float) -> Any:
    """The affine with its origin so many voxels further along the first axis."""
    return LPS @ np.array([[1, 0, 0, shift], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def with_value(value: float, where: Any = (0, 0, 0)) -> Any:
    image = image_of(1)
    image[where] = value
    return image


def with_id(raw: float, kind: Any = np.uint8) -> Any:
    label = label_of(1).astype(kind)
    label[0, 0, :2] = raw
    return label


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.7)])


def wrong_crc(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-8] + bytes(4) + data[-4:])


def patch(path: Path, place: int, value: int) -> None:
    """Another byte in the header."""
    data = bytearray(gzip.decompress(path.read_bytes()))
    data[place] = value if data[place] != value else value + 1
    path.write_bytes(gzip.compress(data))


FLAT = np.diag([0, 0, 0, 1.0])
Break = Callable[[Made], Any]
ERRORS: dict[str, tuple[Break, str, str]] = {
    "grid": (lambda d: save(d.label, label_of(1)[:-1]), "label", "has grid 5 x 7 x 5"),
    "affine": (lambda d: save(d.label, label_of(1), moved(3)), "label", "up to 3 voxels off"),
    "half a voxel": (lambda d: save(d.label, label_of(1), moved(0.5)), "label", "0.5 voxels off"),
    "flip": (lambda d: save(d.label, label_of(1), LPS * [[-1], [1], [1], [1]]), "label", "off its"),
    "unknown id": (lambda d: save(d.label, with_id(9)), "label", "9 (2 voxels)"),
    "fraction": (lambda d: save(d.label, with_id(0.5, np.float32)), "label", "0.5"),
    "NaN": (lambda d: save(d.image, with_value(np.nan)), "image", "1 of 210 voxels NaN"),
    "infinite": (lambda d: save(d.image, with_value(-np.inf)), "image", "1 of 210 voxels NaN"),
    "all NaN": (lambda d: save(d.image, with_value(np.nan, ...)), "image", "210 of 210 voxels"),
    "constant": (lambda d: save(d.image, with_value(7, ...)), "image", "the value 7 everywhere"),
    "channels": (lambda d: save(d.image, image_of(1), channels=2), "image", "has 2 channels"),
    "no label": (lambda d: d.label.unlink(), "image", "no label"),
    "zero affine": (lambda d: save(d.image, image_of(1), FLAT), "image", "affine"),
    "zero affine of a label": (lambda d: save(d.label, label_of(1), FLAT), "label", "affine"),
    "NaN affine": (lambda d: save(d.image, image_of(1), LPS * np.nan), "image", "affine"),
    "huge spacing": (lambda d: both(d, LPS * 1000), "image", "spacing is 800 x 800 x 2000"),
    "cut image": (lambda d: cut(d.image), "image", ""),
    "cut label": (lambda d: cut(d.label), "label", ""),
    "damaged": (lambda d: wrong_crc(d.image), "image", ""),
    "empty": (lambda d: d.image.write_bytes(b""), "image", ""),
    "two channels": (lambda d: save(d.label, label_of(1), channels=2), "label", "label map has"),
    "no dimension": (lambda d: patch(d.image, 40, 9), "image", "dimensions, wanted 1 to 7"),
    "no type": (lambda d: patch(d.image, 70, 99), "image", "header is damaged"),
    "text": (lambda d: d.label.write_text("see other folder"), "label", ""),
}


def both(made: Made, affine: Any) -> None:
    affine = np.array(affine)
    affine[3] = (0, 0, 0, 1)
    save(made.image, image_of(1), affine)
    save(made.label, label_of(1), affine)


def contradict(path: Path, sform: Any) -> None:
    """Have the header say one place in its qform and pixdim, which labels have, another besides."""
    image = nib.Nifti1Image(np.asarray(nib.load(path).dataobj), None)
    image.set_qform(LPS, 1)
    image.set_sform(sform, 1)
    nib.save(image, path)
