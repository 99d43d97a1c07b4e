"""Two processes on the CPU train as one does, stop together, and fail with one line."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch import nn

from volseg.config import VolumeConfig, load_config
from volseg.data.volumes.datasets.dataset import Case, read_dataset
from volseg.data.volumes.store import CachedCase
from volseg.errors import ConfigError, InputError
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.metrics.confusion import Confusion
from volseg.models.load import load_scan_model, load_volume_model
from volseg.progress import SILENT
from volseg.runs.precision import pick_precision, start_accelerator
from volseg.runs.processes import require_gpus
from volseg.runs.request import TrainRequest
from volseg.runs.task import share_batch
from volseg.runs.volumes import patch_scores as patch_scoring
from volseg.runs.volumes.case_validation import validate_cases
from volseg.runs.volumes.patch_validation import patch_validation
from volseg.runs.volumes.splits import split_cases
from volseg.runs.volumes.training import prepare_cases

Fold = tuple[VolumeConfig, list[Case], dict[str, CachedCase], Path]
ROOT = Path(__file__).parents[2]
LAUNCH = (
    "import sys; from volseg_cli.launch import run_processes as go; sys.exit(go(2, sys.argv[1:]))"
)


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory, boxes: Callable[..., Any]) -> Path:
    """Four small scans; three of them validate."""
    folder: Path = tmp_path_factory.mktemp("scans")
    for seed, name in enumerate("abcd"):
        write(folder / f"{name}.laz", boxes(seed, 400 + 200 * seed))
    return folder


@pytest.fixture(scope="module")
def configs(
    tmp_path_factory: pytest.TempPathFactory, config_file: Path, balls_file: Path
) -> tuple[Path, Path]:
    """The configs of the fixtures, quicker; of the scans all but ``a`` validate."""
    from yaml import safe_dump

    folder = tmp_path_factory.mktemp("quick")
    scans = ["data.validation=[b.*, c.*, d.*]", "net.widths=[4, 8]", "train.steps=4"]
    volumes = ["net.widths=[4, 8]", "train.steps=2", "train.epochs=1"]
    for path, changes in ((config_file, scans), (balls_file, volumes)):
        plain = load_config(path, changes).model_dump(mode="json")
        (folder / path.name).write_text(safe_dump(plain, sort_keys=False))
    return folder / config_file.name, folder / balls_file.name


@pytest.fixture(scope="module")
def outcome(
    tmp_path_factory: pytest.TempPathFactory, scans: Path, balls: Path, configs: tuple[Path, Path]
) -> SimpleNamespace:
    """What two processes left, found, and said."""
    out = tmp_path_factory.mktemp("together")
    paths = os.pathsep.join((str(ROOT), str(ROOT / "cli")))
    worker = Path(__file__).with_name("together.py")
    done = subprocess.run(
        [sys.executable, "-c", LAUNCH, sys.executable, str(worker)]
        + [str(one) for one in (scans, configs[0], balls, configs[1], out)],
        env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert (out / "1.json").exists(), done.stderr
    found = [json.loads((out / f"{rank}.json").read_text()) for rank in range(2)]
    return SimpleNamespace(done=done, out=out, found=found, totals=found[0]["totals"])


@pytest.fixture
def fold(outcome: SimpleNamespace, balls: Path) -> Fold:
    """The config of the fold that two processes trained, its cases, and its folder."""
    folder = outcome.out / "volumes" / "fold_0"
    config = load_config(folder / "config.yaml")
    assert isinstance(config, VolumeConfig)
    dataset = read_dataset(balls)
    ((_, names),) = split_cases(dataset, config.data, [0])
    held_out = [case for case in dataset.cases if case.name in names]
    cases = prepare_cases(config, dataset, outcome.out / "volumes" / "cache", SILENT)
    return config, held_out, cases, folder


def one_process() -> Accelerator:
    return start_accelerator(torch.device("cpu"))


def ids(model: Any, cloud: PointCloud) -> Any:
    """The raw ids a model gives a scan's points."""
    return model(cloud).labels


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open(newline="") as file:
        return [{**row, "seconds": ""} for row in csv.DictReader(file)]


class TestLoop:
    def test_processes_stay_alike_to_the_bit(self, outcome: SimpleNamespace) -> None:
        first, second = outcome.found
        assert first["plain"] == second["plain"]
        assert first["normed"] == second["normed"]  # running statistics too

    def test_two_halves_of_a_batch_teach_what_the_whole_does(
        self, outcome: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RANK", "0")
        monkeypatch.setenv("WORLD_SIZE", "1")
        from tests.runs.together import Told, fit

        net, told = nn.Linear(2, 2), Told()
        nn.init.ones_(net.weight), nn.init.zeros_(net.bias)
        for one, two in zip(fit(net, told, world=1), outcome.found[0]["plain"], strict=True):
            torch.testing.assert_close(one, torch.tensor(two))
        assert outcome.found[0]["losses"] == pytest.approx(told.losses)

    def test_the_first_process_alone_tells(self, outcome: SimpleNamespace) -> None:
        assert outcome.found[0]["three steps"] == 8
        assert outcome.found[1]["three steps"] == 0

    def test_minutes_end_at_one_step(self, outcome: SimpleNamespace) -> None:
        assert 0 < outcome.found[0]["minutes steps"] < 2000


class TestValidation:
    @pytest.mark.parametrize("name", ["three", "one"])
    def test_scans_are_counted_as_by_one_process(
        self, outcome: SimpleNamespace, scans: Path, name: str
    ) -> None:
        """Three scans that validate, then one: fewer than processes."""
        assert outcome.totals[name] == outcome.found[1]["totals"][name]
        model = load_scan_model(outcome.out / name / "last.safetensors", "cpu")
        confusion = Confusion(2)
        for file in ("b", "c", "d") if name == "three" else ("b",):
            cloud = read(scans / f"{file}.laz")
            assert cloud.labels is not None
            truth, predicted = (
                model.labels.encode(one) for one in (cloud.labels, ids(model, cloud))
            )
            confusion.update(truth, predicted)
        # Sums of the calibration come after those of the last epoch.
        counted = [one for one in outcome.totals[name] if len(one) == 2]
        assert counted[-1] == confusion.counts.tolist()
        assert confusion.counts.sum() > 400

    def test_patches_are_counted_as_by_one_process(
        self, outcome: SimpleNamespace, fold: Fold, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config, held_out, cases, _ = fold
        counted: list[Any] = []
        monkeypatch.setattr(patch_scoring, "summed", lambda one, _: counted.append(one) or one)
        prepared = [cases[case.name] for case in held_out]
        net = load_volume_model(outcome.out / "volumes" / "fold_0", "cpu").nets[0]
        device = torch.device("cpu")
        accelerator = start_accelerator(device, pick_precision(device))
        net = accelerator.unwrap_model(accelerator.prepare_model(net, evaluation_mode=True))
        labels = config.labels.label_map()
        validate, _ = patch_validation(config.images, labels, prepared, accelerator)
        validate(net)
        assert [one.tolist() for one in counted] == outcome.totals["volumes"][-1:]

    def test_whole_cases_are_scored_as_by_one_process(
        self, outcome: SimpleNamespace, fold: Fold, tmp_path: Path
    ) -> None:
        config, held_out, _, folder = fold
        again = shutil.copytree(folder, tmp_path / "fold")
        validate_cases(config, TrainRequest(folder, again, one_process()), held_out, {})
        for name in ("dice.csv", *(f"{case.name}.nii.gz" for case in held_out)):
            assert (again / "validation" / name).read_bytes() == (
                folder / "validation" / name
            ).read_bytes()
        assert len(held_out) == 2


class TestEnds:
    def test_a_resumed_run_equals_an_unbroken_one(self, outcome: SimpleNamespace) -> None:
        assert outcome.found[0]["broken steps"] == 5
        for name in ("best", "last", "state"):
            one, two = (
                load_file(outcome.out / run / f"{name}.safetensors") for run in ("three", "broken")
            )
            assert one.keys() == two.keys()
            assert all(torch.equal(one[key], two[key]) for key in one)
        assert rows(outcome.out / "three") == rows(outcome.out / "broken")

    def test_an_error_in_one_ends_both_with_one_line(self, outcome: SimpleNamespace) -> None:
        assert outcome.done.returncode == 2
        assert outcome.done.stderr == "error: a file is gone\n"
        assert outcome.done.stdout == ""

    def test_and_leaves_a_usable_model(
        self, outcome: SimpleNamespace, boxes: Callable[..., Any]
    ) -> None:
        model = load_scan_model(outcome.out / "failed", "cpu")
        assert len(model(boxes(3, 400))) == 400


def test_the_batch_is_parted_evenly_or_refused(config_file: Path) -> None:
    spec = load_config(config_file, ["train.batch=6"]).train
    for many in (1, 2, 3, 6):
        assert share_batch(spec, many) is spec
    for many, remedy in ((4, 8), (7, 7)):
        with pytest.raises(ConfigError, match=f"--set train.batch={remedy},"):
            share_batch(spec, many)


def test_a_batch_that_nobody_gave_is_large_enough_for_all(tmp_path: Path) -> None:
    text = "labels: {classes: {a: {ids: [1]}}}\nvoxels: {size: 1}\ntrain: {steps: 7}"
    (tmp_path / "my.yaml").write_text(text)
    for many, batch in ((1, 2), (2, 2), (3, 3), (4, 4)):
        spec = share_batch(load_config(tmp_path / "my.yaml").train, many)
        assert (spec.batch, spec.steps) == (batch, 7)


@pytest.mark.parametrize(("found", "wanted", "fits"), [(2, 2, True), (1, 2, False), (0, 1, False)])
def test_gpus_are_not_shared(
    monkeypatch: pytest.MonkeyPatch, found: int, wanted: int, fits: bool
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: found)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", str(wanted))
    require_gpus(torch.device("cpu"))
    if fits:
        require_gpus(torch.device("cuda"))
    else:
        with pytest.raises(InputError, match=f"{wanted} processes here, and torch sees {found} "):
            require_gpus(torch.device("cuda"))
