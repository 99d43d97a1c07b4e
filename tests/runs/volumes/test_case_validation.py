"""Validation: what is written, drawn and scored is what the model of the run gives."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch
from scipy import ndimage

from volseg.config import VolumeConfig, load_config
from volseg.data.volumes.datasets.dataset import Case, read_dataset
from volseg.geometry.volume import Volume
from volseg.io.volumes.files import read_label_volume, read_volume
from volseg.models.load import load_volume_model
from volseg.models.tensors import load_tensors
from volseg.predict.volumes import components
from volseg.predict.volumes.model import VolumeModel
from volseg.progress import Progress
from volseg.runs.precision import start_accelerator
from volseg.runs.request import TrainRequest
from volseg.runs.train import train
from volseg.runs.volumes.case_validation import is_validated, validate_cases

SHORT = ("train.steps=30", "train.epochs=1")
Told = list[tuple[Any, tuple[str, ...]]]


@pytest.fixture(scope="module")
def config(balls_file: Path) -> VolumeConfig:
    loaded = load_config(balls_file, SHORT)
    assert isinstance(loaded, VolumeConfig)
    return loaded


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, config: VolumeConfig, balls: Path):
    """A run folder with fold 0; read only."""
    folder = tmp_path_factory.mktemp("validated") / "run"
    train(config, balls, folder, device="cpu")
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
def revalidate(fold: Path, held_out: list[Case], config: VolumeConfig):
    """Score the fold again; gives what was told."""

    def go(**changes: Any) -> Told:
        told: Told = []

        class Listener(Progress):
            def validated(self, validation: Any, largest: tuple[str, ...]) -> None:
                told.append((validation, largest))

        persons = {one.name: one.name for one in held_out}
        strangers = changes.pop("strangers", persons)
        cases = changes.pop("cases", held_out)
        changed = config.model_copy(update=changes)
        accelerator = start_accelerator(torch.device("cpu"))
        request = TrainRequest(fold, fold, accelerator, Listener())
        validate_cases(changed, request, cases, strangers)
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


def threshold(self: VolumeModel, volume: Volume, **_: Any) -> Any:
    """Finds the ball, and specks of noise far from it."""
    return (volume.array[0] > 55).astype(np.uint8)


def halves(self: VolumeModel, volume: Volume, **_: Any) -> Any:
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
            np.testing.assert_array_equal(found.array[0], model.label(image))

    def test_a_header_that_contradicts_itself_is_placed_as_in_training(
        self, held_out: list[Case], revalidate: Callable[..., Told], tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        case, file, seen = held_out[0], tmp_path / "turned.nii.gz", []
        assert case.label is not None
        stored: Any = nib.load(case.images[0])
        affine = stored.affine
        image = nib.Nifti1Image(np.asarray(stored.dataobj), affine)
        image.set_qform(affine, 1)
        image.set_sform(affine @ np.diag([-1, 1, 1, 1]), 1)
        nib.save(image, file)

        def look(self: VolumeModel, volume: Volume, **_: Any) -> Any:
            seen.append(volume.affine)
            return threshold(self, volume)

        monkeypatch.setattr(VolumeModel, "label", look)
        revalidate(cases=[replace(case, images=(file,))])
        np.testing.assert_allclose(seen, [read_label_volume(case.label).affine], atol=1e-3)

    def test_a_class_that_is_only_predicted_is_left_out_of_the_mean(
        self, held_out: list[Case], revalidate: Callable[..., Told], tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        case, file = held_out[0], tmp_path / "empty.nii.gz"
        stored: Any = nib.load(case.images[0])
        nib.save(nib.Nifti1Image(np.zeros(stored.shape, np.uint8), stored.affine), file)
        monkeypatch.setattr(VolumeModel, "label", threshold)
        ((found, _),) = revalidate(cases=[replace(case, label=file)])
        assert found.by_class["ball"] == 0
        assert np.isnan(found.mean)
        ((found, _),) = revalidate(cases=[replace(case, label=file), held_out[1]])
        assert found.mean == found.by_class["ball"] > 0

    def test_only_the_largest_part_is_kept_where_that_surely_gains(
        self, fold: Path, held_out: list[Case], revalidate: Callable[..., Told],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(VolumeModel, "label", threshold)
        monkeypatch.setattr(components, "LEAST_PERSONS", 2)
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
        def satellite(self: VolumeModel, volume: Volume, **_: Any) -> Any:
            found = threshold(self, volume)
            if self.largest:  # as the model itself does
                keep = ndimage.label(found, np.ones((3, 3, 3)))[0]
                found[keep != 1 + np.bincount(keep.ravel())[1:].argmax()] = 0
            return found

        monkeypatch.setattr(VolumeModel, "label", satellite)
        monkeypatch.setattr(components, "LEAST_PERSONS", 2)
        first = revalidate(), written(fold)
        assert (revalidate(), written(fold)) == first
        assert first[0][0][1] == ("ball",)

    @pytest.mark.parametrize("persons", ["few", "known"])
    def test_all_parts_stay_where_persons_are_few_or_have_trained(
        self, fold: Path, held_out: list[Case], revalidate: Callable[..., Told],
        monkeypatch: pytest.MonkeyPatch, persons: str,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(VolumeModel, "label", threshold)
        if persons == "known":
            monkeypatch.setattr(components, "LEAST_PERSONS", 2)
        strangers = {held_out[0].name: "a"} if persons == "known" else {}
        ((_, largest),) = revalidate(**({"strangers": strangers} if strangers else {}))
        assert largest == ()
        assert load_volume_model(fold, "cpu").largest == ()

    def test_all_parts_stay_where_that_is_better(
        self, fold: Path, revalidate: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(components, "LEAST_PERSONS", 2)
        monkeypatch.setattr(VolumeModel, "label", halves)
        ((_, largest),) = revalidate()
        assert largest == ()
        assert load_volume_model(fold, "cpu").largest == ()

    def test_what_the_config_names_stays_named(
        self, fold: Path, revalidate: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(VolumeModel, "label", halves)
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
