"""Scores of label volumes: by brute force, and honest about what is missed or absent."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from volseg.errors import InputError
from volseg.evaluate.volumes.pairs import VolumePair
from volseg.evaluate.volumes.scores import (
    CaseScores,
    background,
    class_confusions,
    every_id,
    score_case,
    score_cases,
)
from volseg.geometry.labels import IGNORE, LabelClass, LabelMap

Ids = NDArray[np.int64]
SPACING = (0.5, 2.0, 3.0)


def names(*classes: tuple[str, tuple[int, ...]]) -> tuple[LabelClass, ...]:
    return tuple(LabelClass(name, ids, "#000000") for name, ids in classes)


ORGANS = LabelMap(names(("background", (0,)), ("liver", (1,)), ("tumour", (2, 5))), ignore=(9,))
REGIONS = LabelMap(names(("whole", (1, 2, 4)), ("core", (2, 4))), ignore=(9,), overlap=True)


def nifti(path: Path, ids: Any, affine: Any = None) -> Path:
    affine = np.diag([*SPACING, 1.0]) if affine is None else affine
    nibabel.save(nibabel.Nifti1Image(np.asarray(ids, np.uint8), affine), path)
    return path


def scored(folder: Path, guess: Any, truth: Any, labels: LabelMap = ORGANS) -> CaseScores:
    pair = VolumePair("a", nifti(folder / "p.nii.gz", guess), nifti(folder / "t.nii.gz", truth))
    return score_case(pair, labels, 1.0)


def cube(label: int, start: int = 2) -> Ids:
    ids = np.zeros((12, 10, 8), np.int64)
    ids[start : start + 5, 2:7, 2:6] = label
    return ids


class TestCounts:
    @given(
        st.integers(0, 2**31),
        st.sampled_from([(ORGANS, (0, 1, 2, 5, 9)), (REGIONS, (0, 1, 2, 4, 9))]),
    )
    @settings(max_examples=40, deadline=None)
    def test_brute_force(self, seed: int, scheme: tuple[LabelMap, tuple[int, ...]]) -> None:
        labels, known = scheme
        truth, guess = np.random.default_rng(seed).choice(known, (2, 5, 4, 3))
        counted = class_confusions(labels, labels.encode(truth), labels.encode(guess))
        for entry, confusion in zip(labels.classes, counted, strict=True):
            sure = truth != 9
            true, found = (np.isin(one, entry.ids)[sure] for one in (truth, guess))
            tp, fp, fn = (true & found).sum(), (~true & found).sum(), (true & ~found).sum()
            assert confusion.counts.sum() == sure.sum()
            assert confusion.counts[1, 1] == tp
            assert confusion.counts[1, [0, 2]].sum() == fn
            assert confusion.counts[0, 1] == fp
            scores = confusion.scores()
            both = max(2 * tp + fp + fn, 1)
            np.testing.assert_allclose(scores.dice[1], 2 * tp / both if tp + fp + fn else np.nan)

    def test_ids_may_be_ignored(self) -> None:
        labels = LabelMap(names(("only", (3,))))
        (confusion,) = class_confusions(labels, np.array([0, 0, IGNORE]), np.array([0, IGNORE, 0]))
        assert confusion.counts.tolist() == [[0, 0, 0], [0, 1, 1]]


class TestCases:
    def test_identical(self, tmp_path: Path) -> None:
        case = scored(tmp_path, cube(1), cube(1))
        liver = case.classes["liver"]
        assert (liver.dice, liver.iou, liver.hd95, liver.surface_dice) == (1, 1, 0, 1)
        assert (case.name, case.unit) == ("a", "ml")
        assert liver.true_volume == pytest.approx(100 * 3 / 1000)
        assert liver.predicted_volume == liver.true_volume

    def test_moved(self, tmp_path: Path) -> None:
        liver = scored(tmp_path, cube(1, start=4), cube(1)).classes["liver"]
        assert liver.dice == pytest.approx(3 / 5)
        assert liver.iou == pytest.approx(3 / 7)
        assert liver.hd95 == pytest.approx(2 * SPACING[0])
        assert liver.surface_dice == 1  # the tolerance is what it moved by

    def test_missed_invented_and_absent(self, tmp_path: Path) -> None:
        classes = scored(tmp_path, cube(1), cube(2)).classes
        for name in ("liver", "tumour"):
            one = classes[name]
            assert (one.dice, one.iou, one.hd95, one.surface_dice) == (0, 0, math.inf, 0)
        assert (classes["liver"].true_volume, classes["tumour"].predicted_volume) == (0, 0)
        absent = scored(tmp_path, cube(1), cube(1)).classes["tumour"]
        assert all(math.isnan(getattr(absent, k)) for k in ("dice", "iou", "hd95", "surface_dice"))
        assert absent.true_volume == absent.predicted_volume == 0

    def test_background_and_surfaces_not_asked_for(self, tmp_path: Path) -> None:
        case = scored(tmp_path, cube(1), cube(1))
        assert case.classes["background"].dice == 1
        assert math.isnan(case.classes["background"].hd95)
        pair = VolumePair("a", tmp_path / "p.nii.gz", tmp_path / "t.nii.gz")
        assert math.isnan(score_case(pair, ORGANS).classes["liver"].hd95)

    def test_ignored_voxels_count_nowhere(self, tmp_path: Path) -> None:
        truth, guess = cube(1), cube(1)
        truth[9:] = 9
        guess[9:] = 1
        liver = scored(tmp_path, guess, truth).classes["liver"]
        assert (liver.dice, liver.hd95, liver.surface_dice) == (1, 0, 1)
        assert liver.predicted_volume == liver.true_volume

    def test_regions(self, tmp_path: Path) -> None:
        truth, guess = cube(1), cube(1)
        truth[3:5, 3:5, 3:5], guess[3:5, 3:5, 3:5] = 4, 2
        classes = scored(tmp_path, guess, truth, REGIONS).classes
        assert [one.dice for one in classes.values()] == [1, 1]
        assert [one.hd95 for one in classes.values()] == [0, 0]
        guess[guess == 2] = 1
        classes = scored(tmp_path, guess, truth, REGIONS).classes
        assert [one.dice for one in classes.values()] == [1, 0]
        assert [one.hd95 for one in classes.values()] == [0, math.inf]

    def test_axes_may_run_otherwise(self, tmp_path: Path) -> None:
        """A prediction of the same place in the world is the same, however its file runs."""
        rng = np.random.default_rng(0)
        truth, guess = rng.choice([0, 1, 2], (2, 6, 5, 4))
        plain = scored(tmp_path, guess, truth)
        affine = np.diag([*SPACING, 1.0])
        turn = np.eye(4)[:, [1, 2, 0, 3]]
        turn[0, 2], turn[0, 3] = -1, truth.shape[0] - 1
        turned = guess.transpose(1, 2, 0)[:, :, ::-1]
        nifti(tmp_path / "p.nii.gz", turned, affine @ turn)
        pair = VolumePair("a", tmp_path / "p.nii.gz", tmp_path / "t.nii.gz")
        for name, one in score_case(pair, ORGANS, 1.0).classes.items():
            other = plain.classes[name]
            np.testing.assert_array_equal(one.confusion.counts, other.confusion.counts)
            np.testing.assert_allclose([one.hd95], [other.hd95], rtol=1e-6)
            np.testing.assert_allclose([one.surface_dice], [other.surface_dice], rtol=1e-6)

    def test_images_are_measured_in_pixels(self, tmp_path: Path) -> None:
        paths = []
        for number, start in enumerate((2, 3)):
            ids = np.zeros((20, 20), np.uint8)
            ids[start : start + 10, 5:15] = 255
            paths.append(tmp_path / f"{number}.png")
            Image.fromarray(ids).save(paths[-1])
        labels = every_id([VolumePair("a", *paths)])
        case = score_case(VolumePair("a", *paths), labels, 0.5)
        cell = case.classes["class_255"]
        assert (case.unit, cell.true_volume, cell.hd95) == ("pixels", 100, 1)
        assert cell.dice == pytest.approx(0.9)
        assert cell.surface_dice == pytest.approx(0.5)  # two of its four sides


class TestManyCases:
    def test_order_and_every_id(self, tmp_path: Path) -> None:
        pairs = []
        for number in range(6):
            guess = nifti(tmp_path / f"p{number}.nii.gz", cube(7, start=number % 4))
            pairs.append(
                VolumePair(str(number), guess, nifti(tmp_path / f"t{number}.nii", cube(7)))
            )
        labels = every_id(pairs)
        assert labels.names == ("background", "class_7")
        cases = list(score_cases(pairs, labels))
        assert [case.name for case in cases] == list("012345")
        wanted = [0.6, 0.8, 1, 0.8, 0.6, 0.8]
        assert [case.classes["class_7"].dice for case in cases] == pytest.approx(wanted)

    def test_an_image_is_no_label(self, tmp_path: Path) -> None:
        path = tmp_path / "image.nii.gz"
        ids = np.arange(12 * 10 * 12, dtype=np.int16).reshape(12, 10, 12)
        nibabel.save(nibabel.Nifti1Image(ids, np.eye(4)), path)
        with pytest.raises(InputError, match=r"image\.nii\.gz: more than 1000 ids"):
            every_id([VolumePair("a", path, path)])

    def test_background(self) -> None:
        assert background(ORGANS) == "background"
        assert background(REGIONS) is None
        assert background(LabelMap(names(("only", (1,))))) is None


class TestBadInput:
    def test_another_grid(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"p\.nii\.gz: has grid 11 x 10 x 8, but .*t\.nii\.gz"):
            scored(tmp_path, cube(1)[1:], cube(1))

    @pytest.mark.parametrize(("shift", "fine"), [(1e-5, True), (0.4, False)])
    def test_another_place(self, tmp_path: Path, shift: float, fine: bool) -> None:
        affine = np.diag([*SPACING, 1.0])
        affine[0, 3] = shift
        guess = nifti(tmp_path / "p.nii.gz", cube(1), affine)
        pair = VolumePair("a", guess, nifti(tmp_path / "t.nii.gz", cube(1)))
        if fine:
            assert score_case(pair, ORGANS).classes["liver"].dice == 1
        else:
            with pytest.raises(InputError, match=r"p\.nii\.gz: lies up to 0\.8 voxels off "):
                score_case(pair, ORGANS)

    @pytest.mark.parametrize("wrong", ["p", "t"])
    def test_an_id_outside_the_map_names_its_file(self, tmp_path: Path, wrong: str) -> None:
        ids = {one: cube(77 if one == wrong else 1) for one in "pt"}
        with pytest.raises(InputError, match=rf"{wrong}\.nii\.gz: class id 77 \(100 times\)"):
            scored(tmp_path, ids["p"], ids["t"])

    def test_the_first_bad_file_stops_the_rest(self, tmp_path: Path) -> None:
        good = nifti(tmp_path / "good.nii.gz", cube(1))
        bad = tmp_path / "bad.nii.gz"
        bad.write_bytes(good.read_bytes()[:60])
        pairs = [
            VolumePair("a", good, good),
            VolumePair("b", bad, good),
            VolumePair("c", good, good),
        ]
        with pytest.raises(InputError, match=r"bad\.nii\.gz"):
            list(score_cases(pairs, ORGANS))
