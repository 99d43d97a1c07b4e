"""Masks that are no label maps are known: soft edges, and objects that are numbered."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from volseg.data.volumes.checks.check import check_dataset
from volseg.data.volumes.checks.masks import are_objects, harden, id_layout, soft_edges
from volseg.data.volumes.checks.repair import repair
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.data.volumes.encode import encode_volume
from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.io.volumes.files import read_label_volume
from volseg.plan.fingerprint import read_fingerprint

SIDES = (120, 144)


def discs(seed: int, values: Any) -> Any:
    """A sharp mask, uint8 (120, 144)."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[: SIDES[0], : SIDES[1]]
    mask = np.zeros(SIDES, np.uint8)
    for value in (*values, *values):
        y, x, radius = random.integers(20, 100), random.integers(20, 120), random.integers(10, 22)
        mask[(rows - y) ** 2 + (columns - x) ** 2 < radius**2] = value
    return mask


def jpeg(mask: Any, quality: int) -> Any:
    packed = io.BytesIO()
    Image.fromarray(mask).save(packed, "JPEG", quality=quality)
    return np.asarray(Image.open(packed))


def smaller(mask: Any) -> Any:
    return np.asarray(Image.fromarray(mask).resize((100, 90), Image.Resampling.BILINEAR))


SOFT = {
    "JPEG of 50": lambda mask: jpeg(mask, 50),
    "JPEG of 95": lambda mask: jpeg(mask, 95),
    "smoothed": lambda mask: ndimage.gaussian_filter(mask, 1.0),
    "resampled": lambda mask: np.asarray(Image.fromarray(smaller(mask)).resize(SIDES[::-1])),
}


@pytest.mark.parametrize("values", [(255,), (100, 200)])
@pytest.mark.parametrize("kind", SOFT)
def test_soft_edges_are_known_and_made_sharp(kind: str, values: Any) -> None:
    mask = discs(1, values)
    soft = SOFT[kind](mask)[..., None]
    assert len(np.unique(soft)) > 5
    solid = soft_edges(soft)
    assert solid is not None
    assert len(solid) == 1 + len(values)
    assert np.abs(np.subtract(solid, (0, *values))).max() <= 2
    sharp = np.searchsorted(solid, harden(soft, solid))[..., 0]
    assert (sharp == np.searchsorted((0, *values), mask)).mean() > 0.97


def test_soft_edges_in_three_dimensions_and_of_lines() -> None:
    box = np.zeros((30, 34, 26), np.uint8)
    box[6:24, 8:28, 5:20] = 250
    assert soft_edges(ndimage.zoom(box, 1.3, order=1)) == (0, 250)
    lines = np.zeros((90, 90, 1), np.uint8)
    for place in range(5, 80, 7):
        lines[place : place + 2, 4:86] = lines[4:86, place : place + 2] = 255
    assert soft_edges(lines) is None
    assert soft_edges(jpeg(lines[..., 0], 75)[..., None]) == (0, 255)


def test_label_maps_and_images_have_no_soft_edges() -> None:
    random = np.random.default_rng(0)
    coarse = random.integers(0, 30, (8, 9, 7))
    marks = np.zeros((40, 40, 20), np.uint8)
    marks[tuple(random.integers(0, 20, (3, 12)))] = np.arange(1, 13)
    for labels in (
        discs(0, (1, 2, 3))[..., None],
        coarse.repeat(5, 0).repeat(5, 1).repeat(5, 2),
        marks,
        np.arange(12).repeat(9)[:, None, None] * np.ones((1, 50, 1), int),
        ndimage.gaussian_filter(random.normal(100, 99, (80, 80, 1)), (2, 2, 0)).astype(np.uint8),
    ):
        assert soft_edges(labels) is None


def scattered(seed: int, many: int, *, order: str = "random", offset: int = 0) -> Any:
    """Numbered blobs, (120, 144)."""
    random = np.random.default_rng(seed)
    cells = random.permutation(12 * 14)[:many]
    cells = np.sort(cells) if order == "scan" else cells
    mask = np.zeros(SIDES, np.uint16)
    for number, cell in enumerate(cells, start=1 + offset):
        y, x = 10 * (cell // 14), 10 * (cell % 14)
        mask[y + 1 : y + 1 + random.integers(4, 9), x + 1 : x + 1 + random.integers(4, 9)] = number
    return mask


def volume(mask: Any) -> Volume:
    return Volume(mask[None] if mask.ndim == 3 else mask[None, ..., None], np.eye(4))


@pytest.mark.parametrize("order", ["random", "scan"])
@pytest.mark.parametrize("offset", [0, 100])
def test_numbered_objects_are_known(order: str, offset: int) -> None:
    """However they are numbered: anyhow, row by row, or on and on over all images."""
    cases = [
        id_layout(volume(scattered(seed, 20 + 3 * seed, order=order, offset=offset * seed)))
        for seed in range(5)
    ]
    assert are_objects(cases)
    assert are_objects([*cases, None])
    assert not are_objects(cases[:1])


def test_organs_are_classes_wherever_the_body_lies() -> None:
    """Each in one piece, in one order; bodies of other sizes, cut off elsewhere, some organs gone.

    Vertebrae are one behind the other, beside nothing.
    """
    random = np.random.default_rng(0)
    atlas = np.arange(1, 61).reshape(4, 5, 3)
    spine = np.zeros((3, 3, 20), int)
    spine[1, 1] = np.arange(1, 21)
    for body in (atlas, spine):
        cases = []
        for size in (4, 5, 6, 7):
            labels = body.repeat(size, 0).repeat(size, 1).repeat(size, 2)
            labels[np.isin(labels, random.integers(1, body.max(), 3))] = 0
            moved = np.roll(labels, random.integers(0, 2, 3), (0, 1, 2))[:, :, size + size // 2 :]
            cases.append(id_layout(volume(moved)))
        assert None not in cases
        assert not are_objects(cases)


def test_classes_of_many_pieces_are_no_objects() -> None:
    coarse = [np.random.default_rng(seed).integers(0, 12, (24, 30)) for seed in range(4)]
    assert not are_objects([id_layout(volume(one.repeat(4, 0).repeat(4, 1))) for one in coarse])


class TestDataset:
    def made(self, folder: Path, masks: Any, suffix: str = ".png") -> Path:
        for name, mask in masks.items():
            for place in ("images", "masks"):
                (folder / place).mkdir(parents=True, exist_ok=True)
            image = np.random.default_rng(len(name)).integers(0, 99, mask.shape) + mask % 120
            Image.fromarray(image.astype(np.uint8)).save(folder / f"images/{name}.png")
            Image.fromarray(mask).save(folder / f"masks/{name}{suffix}")
        return folder

    def test_soft_masks(self, tmp_path: Path) -> None:
        sharp = {name: discs(seed, (255,)) for seed, name in enumerate(("a", "bb", "ccc"))}
        soft = {name: jpeg(mask, 60) for name, mask in sharp.items()}
        data = self.made(tmp_path / "data", soft)
        report = check_dataset(data)
        assert {problem.case for problem in report.problems} == set(sharp)
        assert {problem.repair for problem in report.problems} == {"edges"}
        assert all("a mask with soft edges" in problem.message for problem in report.problems)
        with pytest.raises(InputError, match=r"a\.png: .* soft edges.*`volseg check DATASET --fix"):
            read_fingerprint(read_dataset(data), memory=1 << 30)
        classes = LabelClass("rest", (0,), "#000000"), LabelClass("disc", (255,), "#FFFFFF")
        with pytest.raises(InputError, match="soft edges"):
            encode_volume(soft["a"][..., None], LabelMap(classes))
        repair(report, tmp_path / "copy")
        copy = read_dataset(tmp_path / "copy")
        assert check_dataset(tmp_path / "copy").problems == ()
        assert copy.classes == {"background": (0,), "class_255": (255,)}
        for case in copy.cases:
            assert case.label is not None
            found = read_label_volume(case.label).array[0, :, :, 0]
            assert (found == sharp[case.name]).mean() > 0.99

    def test_numbered_objects(self, tmp_path: Path) -> None:
        masks = {"x" * (1 + seed): scattered(seed, 12 + 5 * seed) for seed in range(4)}
        masks["few"] = scattered(9, 3)
        data = self.made(tmp_path / "data", masks)
        report = check_dataset(data)
        assert {problem.case for problem in report.problems} == set(masks)
        assert {problem.repair for problem in report.problems} == {"objects"}
        assert read_fingerprint(read_dataset(data), memory=1 << 30).objects == "ids"
        classes = LabelClass("rest", (0,), "#000000"), LabelClass("cell", (1,), "#FFFFFF")
        with pytest.raises(InputError, match="if the ids number objects, `volseg check"):
            encode_volume(masks["xx"][..., None], LabelMap(classes))
        repair(report, tmp_path / "copy")
        copy = read_dataset(tmp_path / "copy")
        assert check_dataset(tmp_path / "copy").problems == ()
        assert copy.classes == {"background": (0,), "object": (1,)}
        for case in copy.cases:
            assert case.label is not None
            found = read_label_volume(case.label).array[0, :, :, 0]
            np.testing.assert_array_equal(found, masks[case.name] > 0)


def test_nuclei_are_objects_and_regions_of_a_brain_are_not(shared_data: Path) -> None:
    nuclei = sorted((shared_data / "instance2d/dsb2018_he/labels").iterdir())
    assert are_objects([id_layout(read_label_volume(path)) for path in nuclei])
    brain = read_label_volume(shared_data / "mri/mricron_atlas/aal.nii.gz")
    halves = [Volume(brain.array[:, ::2, ::2, cut::2], brain.affine) for cut in (0, 15)]
    assert not are_objects([id_layout(one) for one in halves])
