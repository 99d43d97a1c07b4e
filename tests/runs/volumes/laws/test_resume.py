"""Stopped runs on volumes go on as if they had not been stopped."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from tests.runs.volumes.conftest import FILES, ONCE, QUICK, STEPS, Make, same, stamps
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.errors import InputError
from volseg.models.load import load_volume_model
from volseg.progress import SILENT
from volseg.runs.volumes.training import prepare_cases


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
