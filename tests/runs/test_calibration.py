"""The temperature a run ends with: kept in its model, told, written, and of no class's harm."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from volseg.config import load_config
from volseg.geometry.points import PointCloud
from volseg.models.load import load_model_spec, load_scan_model, save_model
from volseg.models.tensors import load_tensors
from volseg.progress import Progress
from volseg.runs.calibration import CALIBRATION, SAMPLES, Thinning, calibrate
from volseg.runs.train import train


@pytest.fixture(scope="module")
def run(scene_folder: Path, config_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("calibrated") / "run"
    config = load_config(config_file, ["data.validation=[b.*]", "train.epochs=2", "train.steps=20"])
    train(config, scene_folder, out, device="cpu")
    return out


def test_a_run_ends_with_a_temperature_and_a_table(run: Path) -> None:
    fitted = load_model_spec(run).temperature
    assert fitted != 1
    assert load_scan_model(run, "cpu").temperature == fitted
    assert load_model_spec(run / "last.safetensors").temperature == 1
    with (run / CALIBRATION).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["class"] for row in rows] == ["all", "ground", "box"] * 2
    before, after = rows[0], rows[3]
    assert (float(before["temperature"]), float(after["temperature"])) == (1.0, fitted)
    assert float(after["nll"]) <= float(before["nll"])
    assert before["accuracy"] == after["accuracy"]


@pytest.mark.parametrize("tta", [False, True])
def test_a_temperature_changes_no_class(
    run: Path, tmp_path: Path, boxes: Callable[..., PointCloud], tta: bool
) -> None:
    weights, header = load_tensors(run / "best.safetensors")
    spec, clouds = load_model_spec(run), []
    for value in (1.0, 3.0):
        file = tmp_path / f"{value}.safetensors"
        hot = spec.model_copy(update={"temperature": value})
        save_model(file, hot, weights, header["provenance"])
        clouds.append(load_scan_model(file, "cpu")(boxes(5), tta=tta))
    cold, warm = clouds
    np.testing.assert_array_equal(cold.labels, warm.labels)
    assert cold.confidence is not None
    assert warm.confidence is not None
    assert (warm.confidence <= cold.confidence + 1e-6).all()
    assert warm.confidence.mean() < cold.confidence.mean() - 0.01
    assert (warm.confidence >= 0.5 - 1e-6).all()


def test_without_samples_a_model_stays_as_it_is(run: Path) -> None:
    file = run / "last.safetensors"
    before = file.read_bytes()
    calibrate(file, np.empty((0, 2), np.float32), np.empty(0, np.int64), ("a", "b"), Progress())
    assert file.read_bytes() == before


@pytest.mark.parametrize("cells", [0, 1, SAMPLES, SAMPLES + 1, 10**9])
def test_samples_are_bounded(cells: int) -> None:
    assert cells / Thinning(cells).stride <= SAMPLES
