"""Validation: what is written, drawn and scored is what the model of the run gives."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from PIL import Image
from scipy import ndimage
from torch import Tensor, nn

from volseg.builders import validating
from volseg.builders.models import load_volume_model
from volseg.builders.precision import start_accelerator
from volseg.builders.training import train
from volseg.builders.validating import is_validated, patch_validation, validate_cases
from volseg.builders.volumes import prepare_cases
from volseg.config import VolumeConfig, load_config
from volseg.data.samples import Batch
from volseg.data.volumes.cache import CachedCase
from volseg.data.volumes.datasets.dataset import Case, read_dataset
from volseg.geometry.labels import IGNORE
from volseg.geometry.volume import Volume
from volseg.inference.volume import VolumeModel
from volseg.io.volumes import read_label_volume, read_volume
from volseg.train.checkpoint import load_tensors
from volseg.view.slices import GAP, SIDE, Slice

SHORT = ("train.steps=30", "train.epochs=1")
Told = list[tuple[Any, tuple[str, ...]]]


@pytest.fixture(scope="module")
def config(balls_file: Path) -> VolumeConfig:
    loaded = load_config(balls_file, SHORT)
    assert isinstance(loaded, VolumeConfig)
    return loaded


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, config: VolumeConfig, balls: Path, silent: Any):
    """A run folder with fold 0; read only."""
    folder = tmp_path_factory.mktemp("validated") / "run"
    train(config, balls, folder, watcher=silent(), device="cpu")
    return folder


@pytest.fixture(scope="module")
def held_out(balls: Path, run: Path) -> list[Case]:
    with (run / "fold_0" / "validation" / "dice.csv").open(newline="") as file:
        names = [row["case"] for row in csv.DictReader(file)]
    cases = [one for one in read_dataset(balls).cases if one.name in names]
    assert len(cases) == 2
    return cases


@pytest.fixture
def fold(tmp_path: Path, run: Path) -> Path:
    """A copy of the fold, free to change."""
    return Path(shutil.copytree(run / "fold_0", tmp_path / "fold_0"))


@pytest.fixture
def revalidate(fold: Path, held_out: list[Case], config: VolumeConfig, silent: type):
    """Score the fold again; gives what was told."""

    def go(**changes: Any) -> Told:
        told: Told = []

        class Listener(silent):  # type: ignore[misc]
            def on_validated(self, found: Any, largest: tuple[str, ...]) -> None:
                told.append((found, largest))

        changed = config.model_copy(update=changes)
        validate_cases(changed, fold, held_out, start_accelerator(torch.device("cpu")), Listener())
        return told

    return go


def written(fold: Path) -> dict[str, list[float]]:
    with (fold / "validation" / "dice.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["case"]: [float(row[name]) for name in ("background", "ball")] for row in rows}


def by_hand(fold: Path, cases: list[Case]) -> dict[str, list[float]]:
    """Dice of the files that were written."""
    found = {}
    for case in cases:
        assert case.label is not None
        truth = read_label_volume(case.label).array
        guess = read_label_volume(fold / "validation" / f"{case.name}.nii.gz").array
        found[case.name] = [
            2 * ((truth == k) & (guess == k)).sum() / ((truth == k).sum() + (guess == k).sum())
            for k in (0, 1)
        ]
    return found


def threshold(self: VolumeModel, volume: Volume) -> Any:
    """Finds the ball, and specks of noise far from it."""
    return (volume.array[0] > 55).astype(np.uint8)


def halves(self: VolumeModel, volume: Volume) -> Any:
    """Finds the ball without a slab through it: each half is true."""
    inside = ndimage.median_filter(volume.array[0], 3) > 50
    middle = int(ndimage.center_of_mass(inside)[0])
    inside[middle] = False
    return ndimage.binary_opening(inside).astype(np.uint8)


class TestCases:
    def test_scores_are_those_of_the_files(self, run: Path, held_out: list[Case]) -> None:
        scores, wanted = written(run / "fold_0"), by_hand(run / "fold_0", held_out)
        assert scores.keys() == wanted.keys()
        for name, row in scores.items():
            assert row == pytest.approx(wanted[name])
        assert min(row[1] for row in scores.values()) > 0.5

    def test_files_are_what_the_model_predicts(self, run: Path, held_out: list[Case]) -> None:
        model = load_volume_model(run, "cpu")
        for case in held_out:
            found = read_label_volume(run / "fold_0" / "validation" / f"{case.name}.nii.gz")
            image = read_volume(case.images)
            np.testing.assert_allclose(found.affine, image.affine, atol=1e-5)
            np.testing.assert_array_equal(found.array[0], model(image))

    def test_only_the_largest_part_is_kept_where_that_is_better(
        self, fold: Path, held_out: list[Case], revalidate: Callable[..., Told],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(VolumeModel, "__call__", threshold)
        ((found, largest),) = revalidate()
        assert largest == ("ball",)
        scores = by_hand(fold, held_out)
        for name, row in written(fold).items():
            assert row == pytest.approx(scores[name])
        assert found.mean == pytest.approx(np.mean([row[1] for row in scores.values()]))
        for case in held_out:
            plain = threshold(None, read_volume(case.images))  # type: ignore[arg-type]
            file = fold / "validation" / f"{case.name}.nii.gz"
            kept = read_label_volume(file).array[0]
            many = [ndimage.label(one, np.ones((3, 3, 3)))[1] for one in (plain, kept)]
            assert many[0] > many[1] == 1
        monkeypatch.undo()
        assert load_volume_model(fold, "cpu").largest == ("ball",)

    def test_scoring_again_chooses_the_same(
        self, fold: Path, revalidate: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def satellite(self: VolumeModel, volume: Volume) -> Any:
            found = threshold(self, volume)
            if self.largest:  # as the model itself does
                keep = ndimage.label(found, np.ones((3, 3, 3)))[0]
                found[keep != 1 + np.bincount(keep.ravel())[1:].argmax()] = 0
            return found

        monkeypatch.setattr(VolumeModel, "__call__", satellite)
        first = revalidate(), written(fold)
        assert (revalidate(), written(fold)) == first
        assert first[0][0][1] == ("ball",)

    def test_all_parts_stay_where_that_is_better(
        self, fold: Path, revalidate: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(VolumeModel, "__call__", halves)
        ((_, largest),) = revalidate()
        assert largest == ()
        assert load_volume_model(fold, "cpu").largest == ()

    def test_what_the_config_names_stays_named(
        self, fold: Path, revalidate: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(VolumeModel, "__call__", halves)
        ((_, largest),) = revalidate(largest=("ball",))
        assert largest == ("ball",)
        assert load_volume_model(fold, "cpu").largest == ("ball",)

    def test_weights_and_provenance_stay(
        self, run: Path, fold: Path, revalidate: Callable[..., Told]
    ) -> None:
        revalidate()
        (before, told), (after, still) = (
            load_tensors(one / "best.safetensors") for one in (run / "fold_0", fold)
        )
        assert told["provenance"] == still["provenance"]
        assert all(torch.equal(before[key], after[key]) for key in before)

    def test_scores_count_until_the_model_changes(self, fold: Path) -> None:
        assert is_validated(fold)
        model = fold / "best.safetensors"
        later = (fold / "validation" / "dice.csv").stat().st_mtime_ns + 1
        os.utime(model, ns=(later, later))
        assert not is_validated(fold)
        (fold / "validation" / "dice.csv").unlink()
        assert not is_validated(fold)


class Always(nn.Module):
    """Predicts one class everywhere."""

    def __init__(self, value: int) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        logits = torch.full((len(x), 2, *x.shape[2:]), -1.0)
        logits[:, self.value] = 1.0
        return logits


@pytest.fixture(scope="module")
def cached(config: VolumeConfig, balls: Path, run: Path, silent: Any) -> list[CachedCase]:
    return list(prepare_cases(config, read_dataset(balls), run / "cache", silent()).values())


class TestPatches:
    @pytest.mark.parametrize("many", [1, 3, 10])
    def test_the_picture_shows_a_few_of_them(
        self, tmp_path: Path, config: VolumeConfig, cached: list[CachedCase], many: int
    ) -> None:
        validate = patch_validation(config, cached[:many], tmp_path, Accelerator(cpu=True))
        validate(Always(0))
        picture = np.asarray(Image.open(tmp_path / "validation.png"))
        column = SIDE + 2 * GAP
        assert picture.shape[1] == min(many, validating.SHOWN) * column
        assert picture.shape[0] > 2 * (SIDE + GAP)
        ball = config.labels.label_map().colours[1]
        lines = (picture == ball).all(axis=2)
        for left in range(0, picture.shape[1], column):  # truth above, no prediction below
            assert lines[: SIDE + GAP, left : left + column].sum() > 200
            assert not lines[SIDE + GAP + 60 : 2 * SIDE, left : left + column].any()

    def test_they_stay_the_same_and_lie_on_the_ball(
        self, tmp_path: Path, config: VolumeConfig, cached: list[CachedCase]
    ) -> None:
        scores = [
            patch_validation(config, cached, tmp_path, Accelerator(cpu=True))(Always(1))
            for _ in range(2)
        ]
        assert scores[0] == scores[1]
        assert scores[0].by_class["background"] == 0.0
        voxels = sum(case.counts[1] for case in cached)
        whole = 2 * voxels / (10 * np.prod(config.images.patch) + voxels)
        assert 0.8 * whole < scores[0].mean <= whole

    @pytest.mark.parametrize(
        "patch", [(24, 24, 16), (24, 24, 1), (1, 24, 16), (24, 1, 16)], ids=str
    )
    @pytest.mark.parametrize("overlap", [False, True])
    def test_padding_has_no_outline(
        self, tmp_path: Path, config: VolumeConfig, cached: list[CachedCase],
        patch: tuple[int, int, int], overlap: bool, monkeypatch: pytest.MonkeyPatch, balls: Path,
        silent: Any,
    ) -> None:  # fmt: skip
        images = config.images.model_copy(update={"patch": patch})
        labels, cases = config.labels, cached
        if overlap:
            classes = {
                name: one.model_copy(update={"ids": (1,) if name == "ball" else (0, 1)})
                for name, one in labels.classes.items()
            }
            labels = labels.model_copy(
                update={"classes": classes, "overlap": True, "background": (9,)}
            )
        changed = config.model_copy(update={"images": images, "labels": labels})
        if overlap:
            dataset = read_dataset(balls)
            cases = list(prepare_cases(changed, dataset, tmp_path / "c", silent()).values())
        kept: list[Slice] = []
        real = validating._slice

        def keep(*args: Any, **options: Any) -> Slice:
            kept.append(real(*args, **options))
            return kept[-1]

        monkeypatch.setattr(validating, "_slice", keep)
        patch_validation(changed, cases[:1], tmp_path, Accelerator(cpu=True))(Always(1))
        (one,) = kept
        sides = [side for axis, side in enumerate(patch) if side > 1][:2]
        assert one.image.shape == one.truth.shape == one.predicted.shape == tuple(sides[::-1])
        outside = one.image == 0
        assert outside.any()
        assert (one.predicted[outside] == IGNORE).all()
        assert (one.predicted[~outside] == 1).all()
        assert (one.truth[~outside] >= 0).all()

    def test_a_slice_is_shown_upright(
        self, tmp_path: Path, config: VolumeConfig, make_balls: Any, silent: Any
    ) -> None:
        data = read_dataset(make_balls(tmp_path / "data", cases=1))
        (case,) = prepare_cases(config, data, tmp_path / "cache", silent()).values()
        image, truth = torch.zeros(1, 1, 4, 3, 2), torch.zeros(1, 4, 3, 2, dtype=torch.int64)
        image[0, 0, 3, 2, 1] = 5.0  # right, anterior
        truth[0, 0, 0, 1] = 1
        one = validating._slice(case, Batch(image, truth), truth, overlap=False)
        assert one.image.shape == (3, 4)
        assert one.image[0, 3] == 5.0
        assert one.truth[2, 0] == 1
