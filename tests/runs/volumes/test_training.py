"""Training on volumes: one seed one result, stopped runs go on, folds hold out what they say."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from volseg.config import VolumeConfig, VolumeModelSpec, load_config
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.data.volumes.datasets.folds import split_folds
from volseg.errors import InputError
from volseg.io.volumes.files import read_volume
from volseg.models.load import load_model_spec, load_volume_model
from volseg.progress import SILENT, Progress, Start, Validation
from volseg.runs.train import train
from volseg.runs.volumes.training import folder_name, prepare_cases, split_cases

STEPS = 4
QUICK = (f"train.steps={STEPS}", "train.epochs=2", "net.widths=[4, 8]")
LONG = ("train.steps=40", "train.epochs=2")
ONCE = ("train.steps=2", "train.epochs=1", "net.widths=[4, 8]")
FILES = ("best.safetensors", "last.safetensors", "state.safetensors")
Make = Callable[..., VolumeConfig]


@pytest.fixture(scope="module")
def make(balls_file: Path) -> Make:
    """The config of balls, changed."""

    def config(*changes: str) -> VolumeConfig:
        loaded = load_config(balls_file, changes)
        assert isinstance(loaded, VolumeConfig)
        return loaded

    return config


@pytest.fixture(scope="module")
def go(balls: Path) -> Callable[..., Any]:
    """Train on balls into a folder, Ctrl-C at one step where wanted; gives what was told."""

    class Watcher(Progress):
        def __init__(self, stop_at: int | None) -> None:
            self.stop_at, self.steps, self.stopped = stop_at, 0, False
            self.starts: list[Start] = []
            self.scores: list[Validation] = []
            self.notes: list[str] = []

        def note(self, line: str) -> None:
            self.notes.append(line)

        def start(self, start: Start) -> None:
            self.starts.append(start)

        def step(self, share: float, loss: float) -> None:
            self.steps += 1
            if self.steps == self.stop_at:
                os.kill(os.getpid(), signal.SIGINT)

        def validated(self, validation: Validation, largest: tuple[str, ...]) -> None:
            self.scores.append(validation)

    def run(config: VolumeConfig, out: Path, *, stop_at: int | None = None, **options: Any) -> Any:
        watcher = Watcher(stop_at)
        data = options.pop("data", balls)
        watcher.stopped = train(config, data, out, progress=watcher, device="cpu", **options)
        return watcher

    return run


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, make: Make, go: Any) -> Path:
    """Folds 0 and 1 of two epochs that nobody stopped."""
    folder: Path = tmp_path_factory.mktemp("unbroken") / "run"
    assert not go(make(*QUICK), folder, folds=(0, 1)).stopped
    return folder


def same(one: Path, other: Path, name: str) -> bool:
    first, second = (load_file(folder / name) for folder in (one, other))
    return first.keys() == second.keys() and all(
        torch.equal(first[key], second[key]) for key in first
    )


def stamps(folder: Path) -> dict[str, int]:
    return {str(one.relative_to(folder)): one.stat().st_mtime_ns for one in folder.rglob("*.*")}


class TestRuns:
    def test_leave_a_folder_for_each_fold(self, unbroken: Path) -> None:
        assert {one.name for one in unbroken.iterdir()} == {"cache", "fold_0", "fold_1"}
        for fold in ("fold_0", "fold_1"):
            names = {one.name for one in (unbroken / fold).iterdir()}
            others = {"config.yaml", "data.json", "log.csv", "curves.png", "samples.png"}
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


class TestResume:
    @pytest.mark.parametrize("stop_at", [1, STEPS, STEPS + 2])
    def test_equals_the_unbroken_run_bit_for_bit(
        self, tmp_path: Path, make: Make, go: Any, unbroken: Path, stop_at: int
    ) -> None:
        config = make(*QUICK)
        assert go(config, tmp_path, stop_at=stop_at).stopped
        assert load_volume_model(tmp_path, "cpu").labels == config.labels.label_map()
        assert not go(config, tmp_path, resume=True).stopped
        one, other = unbroken / "fold_0", tmp_path / "fold_0"
        assert all(same(one, other, name) for name in FILES)
        scores = [folder / "validation" / "dice.csv" for folder in (one, other)]
        assert scores[0].read_text() == scores[1].read_text()

    def test_momentum_goes_on_too(self, tmp_path: Path, make: Make, go: Any) -> None:
        config = make(*QUICK, "train.optimizer=sgd", "train.schedule=poly", "net.supervised=0")
        go(config, tmp_path / "unbroken", folds=(None,))
        go(config, tmp_path / "run", folds=(None,), stop_at=3)
        go(config, tmp_path / "run", folds=(None,), resume=True)
        one, other = (tmp_path / name / "fold_all" for name in ("unbroken", "run"))
        assert all(same(one, other, name) for name in FILES)

    def test_finished_folds_are_neither_trained_nor_scored_again(
        self, tmp_path: Path, make: Make, go: Any, unbroken: Path
    ) -> None:
        config, first = make(*QUICK), tmp_path / "fold_0"
        assert go(config, tmp_path, folds=(0, 1), stop_at=2 * STEPS + 2).stopped
        before = stamps(first)
        told = go(config, tmp_path, folds=(0, 1), resume=True)
        after = stamps(first)
        anew = {"config.yaml": 0, "data.json": 0}
        assert after | anew == before | anew
        assert told.steps == 2 * STEPS - 2
        assert len(told.scores) == 1
        for fold in ("fold_0", "fold_1"):
            assert all(same(tmp_path / fold, unbroken / fold, name) for name in FILES)

    def test_a_run_stopped_before_its_second_fold_begins_it(
        self, tmp_path: Path, make: Make, go: Any, unbroken: Path
    ) -> None:
        go(make(*QUICK), tmp_path, folds=(0,))
        told = go(make(*QUICK), tmp_path, folds=(0, 1), resume=True)
        assert told.steps == 2 * STEPS
        assert same(tmp_path / "fold_1", unbroken / "fold_1", "state.safetensors")

    def test_a_run_killed_in_its_first_epoch_begins_anew(
        self, tmp_path: Path, make: Make, go: Any, unbroken: Path
    ) -> None:
        (tmp_path / "fold_0").mkdir()
        shutil.copy(unbroken / "fold_0" / "config.yaml", tmp_path / "fold_0")
        with pytest.raises(InputError, match="--resume"):
            go(make(*QUICK), tmp_path)
        go(make(*QUICK), tmp_path, resume=True)
        assert same(tmp_path / "fold_0", unbroken / "fold_0", "state.safetensors")

    def test_killed_while_scoring_it_scores(self, tmp_path: Path, make: Make, go: Any) -> None:
        go(make(*ONCE), tmp_path)
        scores = tmp_path / "fold_0" / "validation" / "dice.csv"
        before = scores.read_text()
        scores.unlink()
        assert len(go(make(*ONCE), tmp_path, resume=True).scores) == 1
        assert scores.read_text() == before

    def test_more_epochs_are_scored_anew(self, tmp_path: Path, make: Make, go: Any) -> None:
        go(make(*ONCE), tmp_path)
        told = go(make(*ONCE, "train.epochs=4"), tmp_path, resume=True)
        assert told.steps == 6
        assert len(told.scores) == 1

    def test_another_config_is_refused(
        self, tmp_path: Path, make: Make, go: Any, unbroken: Path
    ) -> None:
        shutil.copytree(unbroken / "fold_0", tmp_path / "fold_0")
        with pytest.raises(InputError, match=r"another config \(images differ\)"):
            go(make(*QUICK, "images.patch=[8, 8, 8]"), tmp_path, resume=True)
        assert all(same(tmp_path / "fold_0", unbroken / "fold_0", name) for name in FILES)

    def test_nothing_to_resume_is_said(self, tmp_path: Path, make: Make, go: Any) -> None:
        with pytest.raises(InputError, match="no run to go on with"):
            go(make(*QUICK), tmp_path, folds=(0, 1), resume=True)
        assert list(tmp_path.iterdir()) == []

    def test_an_earlier_fold_is_not_overwritten_nor_another_begun(
        self, tmp_path: Path, make: Make, go: Any
    ) -> None:
        (tmp_path / "fold_1").mkdir()
        (tmp_path / "fold_1" / "best.safetensors").write_bytes(b"precious")
        with pytest.raises(InputError, match=r"fold_1: already holds best\.safetensors"):
            go(make(*ONCE), tmp_path, folds=(0, 1))
        assert (tmp_path / "fold_1" / "best.safetensors").read_bytes() == b"precious"
        assert [one.name for one in tmp_path.iterdir()] == ["fold_1"]


class TestCache:
    def test_is_made_once_and_anew_for_a_changed_file(
        self, tmp_path: Path, make: Make, make_balls: Any
    ) -> None:
        data, cache, config = make_balls(tmp_path / "data", cases=3), tmp_path / "cache", make()

        def entries() -> dict[str, int]:
            prepare_cases(config, read_dataset(data), cache, SILENT)
            return stamps(cache)

        first = entries()
        assert len(first) == 3 * 4
        assert entries() == first
        label = data / "labelsTr" / "case_001.nii.gz"
        image = nib.load(label)
        nib.save(nib.Nifti1Image(np.asarray(image.dataobj) * 0, image.affine), label)
        cases = prepare_cases(config, read_dataset(data), cache, SILENT)
        assert cases["case_001"].counts == (16 * 20 * 12, 0)
        new = stamps(cache).keys() - first.keys()
        assert {name.partition("-")[0] for name in new} == {"case_001"}
        assert first.items() <= stamps(cache).items()

    def test_serves_every_fold(self, tmp_path: Path, make: Make, go: Any) -> None:
        go(make(*ONCE), tmp_path, folds=(0,))
        before = stamps(tmp_path / "cache")
        go(make(*ONCE), tmp_path, folds=(None,))
        assert stamps(tmp_path / "cache") == before


class TestSplit:
    def test_every_case_is_held_out_once(self, make: Make, balls: Path) -> None:
        dataset = read_dataset(balls)
        names = {case.name for case in dataset.cases}
        splits = split_cases(dataset, make(), range(5))
        assert sorted(name for _, held in splits for name in held) == sorted(names)
        assert all(set(train) == names - set(held) for train, held in splits)
        assert split_cases(dataset, make(), (None, 3)) == [(sorted(names), []), splits[3]]

    def test_groups_keep_subjects_together(
        self, tmp_path: Path, make: Make, make_balls: Any
    ) -> None:
        data = make_balls(tmp_path, cases=6)
        rows = [f"case_{number:03d},{'abc'[number // 2]}" for number in range(6)]
        (data / "subjects.csv").write_text("\n".join(["case,group", *rows]))
        config = make("data.groups=subjects.csv", "data.folds=3")
        held = {tuple(one) for _, one in split_cases(read_dataset(data), config, range(3))}
        pairs = {(f"case_{number:03d}", f"case_{number + 1:03d}") for number in (0, 2, 4)}
        assert held == pairs
        (data / "subjects.csv").write_text("\n".join(["case,group", *rows[:-1]]))
        with pytest.raises(InputError, match="'case_005' has no group"):
            split_cases(read_dataset(data), config, (0,))

    def test_groups_of_the_dataset_count_too(self, tmp_path: Path, make: Make, balls: Path) -> None:
        lines = ["image,label,group"]
        for number in range(4):
            image, label = (
                balls / folder / f"case_{number:03d}{part}.nii.gz"
                for folder, part in (("imagesTr", "_0000"), ("labelsTr", ""))
            )
            lines.append(f"{image},{label},{'ab'[number // 2]}")
        (tmp_path / "pairs.csv").write_text("\n".join(lines))
        dataset = read_dataset(tmp_path / "pairs.csv")
        held = [one for _, one in split_cases(dataset, make("data.folds=2"), (0, 1))]
        assert sorted(map(len, held)) == [2, 2]
        assert {dataset.groups[name] for name in held[0]} in ({"a"}, {"b"})

    def test_visits_of_a_person_are_held_out_together_and_said(
        self, tmp_path: Path, make: Make, make_balls: Any, go: Any
    ) -> None:
        names = [f"mouse{number // 2}_week{4 * (number % 2)}" for number in range(6)]
        data = make_balls(tmp_path / "data", cases=6, names=names)
        config = make(*ONCE, "data.folds=3")
        told = go(config, tmp_path / "run", data=data)
        (note,) = (one for one in told.notes if "6 cases of 3 persons" in one)
        assert "a person is held out whole" in note
        first, second = told.starts[0].validation
        assert first.split("_")[0] == second.split("_")[0]
        alone = make(*ONCE, "data.folds=3", "data.groups=cases")
        told = go(alone, tmp_path / "alone", data=data)
        assert any("scores may be of persons that trained" in one for one in told.notes)
        assert [held for _, held in split_cases(read_dataset(data), alone, range(3))] == [
            held for _, held in split_folds(names, folds=3)
        ]

    @pytest.mark.parametrize(
        ("names", "mirrored"), [(("eye_l", "eye_r"), [1]), (("shell", "yolk"), [0, 1])]
    )
    def test_an_axis_whose_mirroring_exchanges_classes_is_left_out_and_said(
        self, tmp_path: Path, make: Make, make_balls: Any, go: Any,
        names: tuple[str, str], mirrored: list[int],
    ) -> None:  # fmt: skip
        data = make_balls(tmp_path / "data", cases=3, core=2)
        one, other = names
        classes = f"{{background: {{ids: [0]}}, {one}: {{ids: [1]}}, {other}: {{ids: [2]}}}}"
        config = make(*ONCE, f"labels.classes={classes}", "images.mirror=[0, 1]")
        told = go(config, tmp_path / "run", data=data, folds=(None,))
        notes = [note for note in told.notes if "not mirrored" in note]
        assert len(notes) == 2 - len(mirrored)
        assert all("axis 0" in note and f"exchange {one} and {other}" in note for note in notes)
        spec = load_model_spec(tmp_path / "run")
        assert isinstance(spec, VolumeModelSpec)
        assert list(spec.images.mirror) == mirrored

    def test_a_file_of_splits_decides(self, tmp_path: Path, make: Make, make_balls: Any) -> None:
        data = make_balls(tmp_path, cases=3)
        split = [{"train": ["case_002"], "val": ["case_000", "case_001"]}]
        (data / "splits_final.json").write_text(json.dumps(split))
        config = make("data.splits=splits_final.json")
        found = split_cases(read_dataset(data), config, (0,))
        assert found == [(["case_002"], ["case_000", "case_001"])]
        with pytest.raises(InputError, match="fold 1 of 1"):
            split_cases(read_dataset(data), config, (1,))

    def test_a_dataset_that_says_another_number_of_cases_is_told_of(
        self, tmp_path: Path, make: Make, make_balls: Any, go: Any
    ) -> None:
        data = make_balls(tmp_path / "data", cases=3)
        said = json.loads((data / "dataset.json").read_text())
        (data / "dataset.json").write_text(json.dumps(said | {"numTraining": 30}))
        told = go(make(*ONCE), tmp_path / "run", data=data, folds=(None,))
        assert any("says numTraining 30; 3 cases are there" in one for one in told.notes)

    @pytest.mark.parametrize("fold", [5, 99, -1])
    def test_a_fold_there_is_not_is_said(
        self, tmp_path: Path, make: Make, go: Any, fold: int
    ) -> None:
        with pytest.raises(InputError, match=rf"fold {fold} of 5; wanted 0 to 4, or all"):
            go(make(*ONCE), tmp_path / "run", folds=(0, fold))
        assert not (tmp_path / "run").exists()

    def test_folders_are_named_for_folds(self) -> None:
        assert [folder_name(fold) for fold in (0, 12, None)] == ["fold_0", "fold_12", "fold_all"]


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
