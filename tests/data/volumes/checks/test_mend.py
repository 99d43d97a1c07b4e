"""What `check --fix` makes of labels that cannot be read, and of channels on several grids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from volseg.data.volumes.checks.check import Report, check_dataset
from volseg.data.volumes.checks.repair import repair
from volseg.io import read_label_volume, read_volume

AFFINE = np.array([[-0.8, 0, 0, 40], [0, -0.9, 0, 30], [0, 0, 2, -20], [0, 0, 0, 1.0]])
SHAPE = 12, 10, 8


def save(path: Path, array: Any, affine: Any = AFFINE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(array, affine), path)
    return path


def blob(seed: int = 0) -> Any:
    cells = np.zeros(SHAPE, np.uint8)
    cells[3:8, 2 + seed % 2 : 7, 2:6] = 1
    cells[5:7, 4:6, 3:5] = 2
    return cells


def image(seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(100, 20, SHAPE).astype(np.float32)


def mended(folder: Path) -> tuple[Report, Report]:
    """What is found in a dataset, and then in its repaired copy beside it."""
    found = check_dataset(folder)
    repair(found, folder.with_name("copy"))
    again = check_dataset(folder.with_name("copy"))
    assert again.problems == ()
    return found, again


class TestFractions:
    @pytest.mark.parametrize("slope", [1.012, 0.991])
    def test_values_near_whole_numbers_are_rounded(self, tmp_path: Path, slope: float) -> None:
        folder = tmp_path / "data"
        for seed, name in enumerate("ab"):
            save(folder / f"images/{name}.nii.gz", image(seed))
            save(folder / f"labels/{name}.nii.gz", (blob(seed) * slope).astype(np.float32))
        found, _ = mended(folder)
        assert {one.repair for one in found.problems} == {"round"}
        copy = read_label_volume(tmp_path / "copy/labelsTr/b.nii.gz")
        assert np.array_equal(copy.array[0], blob(1))

    def test_labels_resampled_with_interpolation_are_left_to_a_person(self, tmp_path: Path) -> None:
        for seed, name in enumerate("ab"):
            save(tmp_path / f"images/{name}.nii.gz", image(seed))
            save(tmp_path / f"labels/{name}.nii.gz", blob(seed))
        soft = (blob() + np.roll(blob(), 1, axis=0)).astype(np.float32) / 2
        save(tmp_path / "labels/b.nii.gz", soft)
        (problem,) = check_dataset(tmp_path).problems
        assert (problem.case, problem.repair) == ("b", None)
        assert "holds the value 0.5" in problem.message


class TestColours:
    def made(self, folder: Path, colours: Any) -> Path:
        for seed, name in enumerate("abc"):
            for kind, array in (("images", image(seed)), ("labels", colours)):
                (folder / kind).mkdir(parents=True, exist_ok=True)
                cells = array[blob(seed)[..., 4]] if kind == "labels" else array[..., 4]
                Image.fromarray(cells.astype(np.uint8)).save(folder / f"{kind}/{name}.png")
        return folder

    def test_colours_become_ids_by_their_name(self, tmp_path: Path) -> None:
        folder = self.made(tmp_path / "data", np.array([[0, 0, 0], [255, 255, 0], [18, 52, 86]]))
        found, again = mended(folder)
        assert {one.repair for one in found.problems} == {"colours"}
        message = "holds 3 colours (black, colour_123456, yellow), no ids"
        assert found.problems[0].message == message
        assert again.dataset.classes == {
            "background": (0,), "colour_123456": (1,), "yellow": (2,)
        }  # fmt: skip
        copy = read_label_volume(tmp_path / "copy/labelsTr/b.png")
        assert np.array_equal(copy.array[0, ..., 0], np.array([0, 2, 1])[blob(1)[..., 4]])

    def test_a_photograph_is_no_mask_and_named_classes_give_colours_no_ids(
        self, tmp_path: Path
    ) -> None:
        folder = self.made(tmp_path / "data", np.array([[0, 0, 0], [255, 0, 0], [0, 0, 255]]))
        noise = np.random.default_rng(0).integers(0, 256, (*SHAPE[:2], 3)).astype(np.uint8)
        Image.fromarray(noise).save(folder / "labels/b.png")
        problems = {one.case: one for one in check_dataset(folder).problems}
        assert problems["b"].repair is None
        assert "holds 3 channels of 120 colours" in problems["b"].message
        said = {"channel_names": {"0": "gray"}, "labels": {"background": 0, "cell": 1}}
        said |= {"dataset": {"a": {"images": ["images/a.png"], "label": "labels/a.png"}}}
        (folder / "dataset.json").write_text(json.dumps(said))
        problem = check_dataset(folder).problems[0]
        assert problem.repair is None
        assert "of 3 colours" in problem.message


class TestGrids:
    def coarse(self, seed: int, shift: float = 0.0) -> tuple[Any, Any]:
        """A ramp on a coarser grid, and its affine."""
        affine = AFFINE @ np.diag([2, 2, 1, 1.0])
        affine[:3, 3] += (-0.4 + shift, -0.45, 0)  # corners meet
        x, y, z = np.indices((6, 5, 8))
        return (x + 2.0 * y + 3 * z + seed).astype(np.float32), affine

    def test_channels_are_resampled_to_the_grid_of_the_first(self, tmp_path: Path) -> None:
        folder = tmp_path / "data"
        for seed, name in enumerate("ab"):
            save(folder / f"images/{name}_0000.nii.gz", image(seed))
            save(folder / f"images/{name}_0001.nii.gz", *self.coarse(seed))
            save(folder / f"labels/{name}.nii.gz", blob(seed))
        found, _ = mended(folder)
        assert [(one.case, one.repair) for one in found.problems] == [("a", "grid"), ("b", "grid")]
        made = read_volume(
            [tmp_path / "copy/imagesTr/b_0000.nii.gz", tmp_path / "copy/imagesTr/b_0001.nii"]
        )
        assert np.array_equal(made.array[0], image(1))
        x, y, z = np.indices(SHAPE)
        inner = (slice(1, -1), slice(1, -1))
        wanted = (x - 0.5) / 2 + 2 * (y - 0.5) / 2 + 3 * z + 1
        np.testing.assert_allclose(made.array[1][inner], wanted[inner], atol=1e-3)

    def test_the_labels_grid_is_kept_where_it_is_that_of_another_channel(
        self, tmp_path: Path
    ) -> None:
        folder = tmp_path / "data"
        for seed, name in enumerate("ab"):
            save(folder / f"images/{name}_0000.nii.gz", *self.coarse(seed))
            save(folder / f"images/{name}_0001.nii.gz", image(seed))
            save(folder / f"labels/{name}.nii.gz", blob(seed))
        found, _ = mended(folder)
        assert [one.path.name for one in found.problems] == ["a_0000.nii.gz", "b_0000.nii.gz"]
        copy = read_label_volume(tmp_path / "copy/labelsTr/b.nii.gz")
        assert np.array_equal(copy.array[0], blob(1))
        assert read_volume(tmp_path / "copy/imagesTr/b_0000.nii").grid == SHAPE

    def test_a_channel_that_lies_elsewhere_is_left_to_a_person(self, tmp_path: Path) -> None:
        save(tmp_path / "images/a_0000.nii.gz", image())
        save(tmp_path / "images/a_0001.nii.gz", *self.coarse(0, shift=30))
        save(tmp_path / "labels/a.nii.gz", blob())
        problem = check_dataset(tmp_path).problems[0]
        assert problem.repair is None
        assert "grid (6, 5, 8) differs from (12, 10, 8)" in problem.message


class TestCutOut:
    def test_a_cut_out_is_laid_into_its_images_grid(self, tmp_path: Path) -> None:
        folder = tmp_path / "data"
        for seed, name in enumerate("ab"):
            save(folder / f"images/{name}.nii.gz", image(seed))
            affine = AFFINE.copy()
            affine[:3, 3] = (AFFINE @ (2, 1, 2, 1))[:3]
            save(folder / f"labels/{name}.nii.gz", blob(seed)[2:9, 1:8, 2:6], affine)
        found, again = mended(folder)
        assert (
            found.problems[0].message == "covers 7 x 7 x 4 of the 12 x 10 x 8 voxels of its image"
        )
        copy = read_label_volume(tmp_path / "copy/labelsTr/b.nii.gz")
        assert np.array_equal(copy.array[0], blob(1))
        assert again.ids == {0, 1, 2}

    def test_one_between_voxels_or_beyond_is_left_to_a_person(self, tmp_path: Path) -> None:
        save(tmp_path / "images/a.nii.gz", image())
        for start in ((2.5, 1, 2, 1), (8, 1, 2, 1), (-1, 1, 2, 1), (0, 0, 0, 1)):
            affine = AFFINE.copy()
            affine[:3, 3] = (AFFINE @ start)[:3]
            save(tmp_path / "labels/a.nii.gz", blob()[2:9, 1:8, 2:6], affine)
            problem = check_dataset(tmp_path).problems[0]
            assert (problem.repair, problem.message[:8]) == (None, "has grid"), start
