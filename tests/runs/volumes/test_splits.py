"""Folds hold out what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.runs.volumes.conftest import ONCE, Make
from volseg.config import VolumeModelSpec
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.data.volumes.datasets.folds import split_folds
from volseg.errors import InputError
from volseg.models.load import load_model_spec
from volseg.runs.volumes.splits import folder_name, split_cases


class TestSplit:
    def test_every_case_is_held_out_once(self, make: Make, balls: Path) -> None:
        dataset = read_dataset(balls)
        names = {case.name for case in dataset.cases}
        splits = split_cases(dataset, make().data, range(5))
        assert sorted(name for _, held in splits for name in held) == sorted(names)
        assert all(set(train) == names - set(held) for train, held in splits)
        assert split_cases(dataset, make().data, (None, 3)) == [(sorted(names), []), splits[3]]

    def test_groups_keep_subjects_together(
        self, tmp_path: Path, make: Make, make_balls: Any
    ) -> None:
        data = make_balls(tmp_path, cases=6)
        rows = [f"case_{number:03d},{'abc'[number // 2]}" for number in range(6)]
        (data / "subjects.csv").write_text("\n".join(["case,group", *rows]))
        config = make("data.groups=subjects.csv", "data.folds=3")
        held = {tuple(one) for _, one in split_cases(read_dataset(data), config.data, range(3))}
        pairs = {(f"case_{number:03d}", f"case_{number + 1:03d}") for number in (0, 2, 4)}
        assert held == pairs
        (data / "subjects.csv").write_text("\n".join(["case,group", *rows[:-1]]))
        with pytest.raises(InputError, match="'case_005' has no group"):
            split_cases(read_dataset(data), config.data, (0,))

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
        held = [one for _, one in split_cases(dataset, make("data.folds=2").data, (0, 1))]
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
        assert [held for _, held in split_cases(read_dataset(data), alone.data, range(3))] == [
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
        found = split_cases(read_dataset(data), config.data, (0,))
        assert found == [(["case_002"], ["case_000", "case_001"])]
        with pytest.raises(InputError, match="fold 1 of 1"):
            split_cases(read_dataset(data), config.data, (1,))

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
