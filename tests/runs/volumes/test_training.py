"""Training on volumes: one seed one result, folders of folds, and data of many kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from tests.runs.volumes.conftest import FILES, LONG, ONCE, QUICK, Make, same
from volseg.config import VolumeConfig, load_config
from volseg.errors import InputError
from volseg.io.volumes.files import read_volume
from volseg.models.load import load_volume_model
from volseg.progress import Progress
from volseg.runs.machine import ThisMachine
from volseg.runs.train import train


class TestRuns:
    def test_leave_a_folder_for_each_fold(self, unbroken: Path) -> None:
        assert {one.name for one in unbroken.iterdir()} == {"cache", "fold_0", "fold_1"}
        for fold in ("fold_0", "fold_1"):
            names = {one.name for one in (unbroken / fold).iterdir()}
            others = {
                "config.yaml",
                "data.json",
                "log.csv",
                "curves.png",
                "samples.png",
                "calibration.csv",
            }
            assert names - {"tensorboard"} == {*FILES, *others, "validation"}

    @pytest.mark.parametrize("nd", [2, 3])
    def test_repeat_from_one_seed(self, tmp_path: Path, make: Make, go: Any, nd: int) -> None:
        flat = () if nd == 3 else ("images.patch=[16, 16, 1]",)
        for name, seed in (("a", 0), ("b", 0), ("c", 1)):
            go(make(*ONCE, *flat, f"seed={seed}"), tmp_path / name, folds=(None,))
        a, b, c = (tmp_path / name / "fold_all" for name in "abc")
        assert same(a, b, "state.safetensors")
        assert not same(a, c, "last.safetensors")

    def test_folds_differ_and_do_not_depend_on_each_other(
        self, tmp_path: Path, make: Make, go: Any, unbroken: Path
    ) -> None:
        go(make(*QUICK), tmp_path, folds=(1,))
        assert same(tmp_path / "fold_1", unbroken / "fold_1", "state.safetensors")
        assert not same(tmp_path / "fold_1", unbroken / "fold_0", "last.safetensors")

    def test_a_fold_named_twice_is_trained_once(self, tmp_path: Path, make: Make, go: Any) -> None:
        assert go(make(*ONCE), tmp_path, folds=(1, 1)).steps == 2

    def test_all_holds_nothing_out_and_the_best_is_the_last(
        self, tmp_path: Path, make: Make, go: Any
    ) -> None:
        told = go(make(*QUICK), tmp_path, folds=(None,))
        assert len(told.starts[0].train) == 10
        assert told.starts[0].validation == ()
        assert told.scores == []
        best, last = (load_file(tmp_path / "fold_all" / name) for name in FILES[:2])
        assert all(torch.equal(best[key], last[key]) for key in last)
        assert not (tmp_path / "fold_all" / "validation").exists()

    def test_scans_and_volumes_train_in_one_process(
        self, tmp_path: Path, make: Make, go: Any, scene_folder: Path, config_file: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        scans = load_config(config_file, [*ONCE, "train.crop=8"])
        for name in "ab":
            train(scans, scene_folder, tmp_path / name, device="cpu")
            for precision in ("bfloat16", "float32"):
                monkeypatch.setattr(
                    "volseg.runs.train.pick_precision",
                    lambda *_, chosen=precision: chosen,
                )
                go(make(*ONCE), tmp_path / f"{name}-{precision}", folds=(None,))
        assert same(tmp_path / "a", tmp_path / "b", "last.safetensors")
        half, full = (tmp_path / f"a-{one}" / "fold_all" for one in ("bfloat16", "float32"))
        assert not same(half, full, "last.safetensors")


class TestLearning:
    @pytest.mark.parametrize("patch", [[16, 16, 8], [16, 16, 1], [1, 20, 12]], ids=str)
    def test_finds_the_ball(self, tmp_path: Path, make: Make, go: Any, patch: list[int]) -> None:
        told = go(make(f"images.patch={patch}", "train.batch=4", *LONG), tmp_path)
        assert told.scores[0].by_class["ball"] > 0.8
        assert told.scores[0].mean == told.scores[0].by_class["ball"]

    def test_finds_regions(self, tmp_path: Path, make: Make, make_balls: Any, go: Any) -> None:
        data = make_balls(tmp_path / "data", cases=6, core=2)
        regions = (
            "labels={classes: {whole: {ids: [1, 2]}, core: {ids: [2]}}, overlap: true}",
            "train.foreground=1", "train.batch=4", "train.steps=64", "train.epochs=2",
        )  # fmt: skip
        told = go(make(*regions), tmp_path / "run", data=data)
        assert min(told.scores[0].by_class.values()) > 0.7
        assert told.scores[0].by_class["whole"] > 0.8
        assert told.scores[0].mean == pytest.approx(np.mean(list(told.scores[0].by_class.values())))


class TestData:
    @pytest.mark.parametrize(
        ("grid", "patch"),
        [
            ((16, 20, 12), (32, 32, 16)),
            ((9, 10, 3), (16, 16, 8)),
            ((16, 20, 1), (16, 16, 1)),
            ((16, 20, 1), (16, 16, 8)),
        ],
        ids=["smaller than the patch", "a few slices", "one slice in 2-D", "one slice in 3-D"],
    )
    def test_small_cases(
        self, tmp_path: Path, make: Make, make_balls: Any, go: Any,
        grid: tuple[int, ...], patch: tuple[int, ...],
    ) -> None:  # fmt: skip
        data = make_balls(tmp_path / "data", cases=5, grid=grid)
        told = go(make(*ONCE, f"images.patch={list(patch)}"), tmp_path / "run", data=data)
        assert told.scores[0].by_class.keys() == {"background", "ball"}
        model = load_volume_model(tmp_path / "run", "cpu")
        image = read_volume([data / "imagesTr" / "case_000_0000.nii.gz"])
        assert model.label(image).shape == grid

    def test_four_channels(self, tmp_path: Path, make: Make, make_balls: Any, go: Any) -> None:
        data = make_balls(tmp_path / "data", cases=5, channels=4)
        four = [{"name": f"T{number}", "normalize": "nonzero"} for number in range(4)]
        go(make(*ONCE, f"images.channels={json.dumps(four)}"), tmp_path / "run", data=data)
        model = load_volume_model(tmp_path / "run", "cpu")
        files = [data / "imagesTr" / f"case_000_{number:04d}.nii.gz" for number in range(4)]
        assert model.label(read_volume(files)).shape == (16, 20, 12)

    @pytest.mark.parametrize("hidden", [False, True])
    def test_flat_parts_are_skipped_unless_a_class_lies_in_one(
        self, tmp_path: Path, make: Make, make_balls: Any, go: Any, hidden: bool
    ) -> None:
        data = make_balls(tmp_path / "data", cases=5)
        label = nib.load(data / "labelsTr" / "case_004.nii.gz")
        image = data / "imagesTr" / "case_004_0000.nii.gz"
        values = np.where((label.get_fdata() > 0) & hidden, 0, nib.load(image).get_fdata())
        nib.save(nib.Nifti1Image(values.astype(np.int16), label.affine), image)
        go(make(*ONCE), tmp_path / "found", data=data, folds=(None,))
        assert load_volume_model(tmp_path / "found", "cpu").skip_flat is not hidden
        said = f"images.skip_flat={str(hidden).lower()}"
        go(make(*ONCE, said), tmp_path / "said", data=data, folds=(None,))
        assert load_volume_model(tmp_path / "said", "cpu").skip_flat is hidden

    def test_pictures_with_masks_of_255_and_an_ignored_id(
        self, tmp_path: Path, make: Make, go: Any
    ) -> None:
        random = np.random.default_rng(0)
        for folder in ("images", "labels"):
            (tmp_path / "data" / folder).mkdir(parents=True)
        for number in range(5):
            truth = np.zeros((24, 20), np.uint8)
            truth[6:16, 4 + number : 14 + number] = 255
            truth[:2] = 9
            image = (truth == 255) * 100 + random.integers(0, 60, truth.shape)
            for folder, array in (("images", image), ("labels", truth)):
                Image.fromarray(array.astype(np.uint8)).save(
                    tmp_path / "data" / folder / f"{number}.png"
                )
        changes = (
            "labels={ignore: [9], classes: {cell: {ids: [0]}, membrane: {ids: [255]}}}",
            "images={channels: [{name: grey}], spacing: [1, 1, 1], patch: [16, 16, 1]}",
        )
        told = go(make(*changes), tmp_path / "run", data=tmp_path / "data")
        assert told.scores[0].by_class["membrane"] > 0.8
        (written,) = (tmp_path / "run" / "fold_0" / "validation").glob("*.png")
        assert set(np.unique(np.asarray(Image.open(written)))) == {0, 255}

    def test_labels_outside_the_map_name_the_file(
        self, tmp_path: Path, make: Make, make_balls: Any, go: Any
    ) -> None:
        data = make_balls(tmp_path / "data", cases=5, core=7)
        with pytest.raises(InputError, match=r"labelsTr/case_00\d\.nii\.gz: class id 7 .*'ignore'"):
            go(make(*ONCE), tmp_path / "run", data=data)
        assert not (tmp_path / "run" / "fold_0").exists()

    def test_another_number_of_channels_names_the_file(
        self, tmp_path: Path, make: Make, make_balls: Any, go: Any
    ) -> None:
        data = make_balls(tmp_path / "data", cases=5, channels=2)
        with pytest.raises(InputError, match=r"case_00\d_0000\.nii\.gz: .* 2 channels; wanted 1"):
            go(make(*ONCE), tmp_path / "run", data=data)


@pytest.mark.parametrize(
    "changes",
    [
        ("train.optimizer=sgd", "train.schedule=poly", "train.learning_rate=0.01"),
        *((f"train.loss.kind={kind}",) for kind in ("dice_focal", "focal", "ce")),
        ("train.loss.weights=[1, 5]",),
        ("train.loss.weights=balanced",),
        ("net.supervised=0",),
        ("net.widths=[4, 6, 8]", "net.supervised=2"),
        ("net.strides=[[2, 2, 1]]", "net.kernels=[[3, 3, 1], 3]"),
    ],
    ids=lambda changes: ",".join(changes),
)
def test_every_way_of_training_lowers_the_loss(
    tmp_path: Path, make: Make, go: Any, changes: tuple[str, ...], balls: Path
) -> None:
    losses: list[float] = []

    class Listener(Progress):
        def epoch(self, epoch: Any) -> None:
            losses.append(epoch.loss)

    config = make("train.steps=8", "net.widths=[4, 8]", *changes)
    train(config, balls, tmp_path, progress=Listener(), folds=(None,), device="cpu")
    assert losses[-1] < losses[0]


def test_weights_are_one_a_class(tmp_path: Path, make: Make, go: Any) -> None:
    with pytest.raises(InputError, match=r"train\.loss\.weights: 3 weights for 2 classes"):
        go(make(*ONCE, "train.loss.weights=[1, 2, 3]"), tmp_path)
    assert not (tmp_path / "fold_0").exists()


@pytest.mark.parametrize(("seconds", "told"), [(0.5, True), (1e-5, False)])
def test_a_config_too_large_for_its_minutes_is_named(
    tmp_path: Path, make: Make, go: Any, monkeypatch: pytest.MonkeyPatch, seconds: float, told: bool
) -> None:
    def takes(_: ThisMachine, config: VolumeConfig, *, half: bool) -> float:
        return seconds * (1.0 if config.nd == 3 else 0.01)

    monkeypatch.setattr(ThisMachine, "seconds", takes)
    notes = go(make("train.steps=2", "net.widths=[4, 8]"), tmp_path, minutes=0.02).notes
    lines = [line for line in notes if "'volseg plan --minutes 0.02' would take 2-D" in line]
    assert len(lines) == told
