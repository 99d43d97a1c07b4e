"""``volseg report``: one command from a run, or from predictions and truth, to a page."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from PIL import Image

from volseg.geometry import PointCloud
from volseg.io import write

Cli = Callable[..., Any]


def mean_iou(page: Path) -> float:
    found = re.search(r"<strong>mean IoU ([\d.]+)</strong>", page.read_text())
    assert found is not None
    return float(found[1])


@pytest.fixture
def scans(tmp_path: Path, boxes: Callable[..., PointCloud]) -> tuple[Path, Path]:
    """Folders of two predicted and two true scans."""
    random = np.random.default_rng(0)
    for number, name in enumerate("ab"):
        cloud = boxes(number, 800)
        assert cloud.labels is not None
        guess = np.where(random.random(len(cloud)) < 0.2, 2, cloud.labels)
        for folder, labels in (("guess", guess), ("truth", cloud.labels)):
            (tmp_path / folder).mkdir(exist_ok=True)
            write(tmp_path / folder / f"{name}.laz", cloud.with_labels(labels))
    return tmp_path / "guess", tmp_path / "truth"


def test_predictions_have_the_score_of_evaluate(
    cli: Cli, scans: tuple[Path, Path], config_file: Path, tmp_path: Path
) -> None:
    page, scores = tmp_path / "page.html", tmp_path / "scores.json"
    assert cli("evaluate", *scans, "--labels", config_file, "--json", scores).code == 0
    outcome = cli("report", *scans, "--labels", config_file, "-o", page)
    assert outcome.code == 0
    assert mean_iou(page) == pytest.approx(json.loads(scores.read_text())["mean_iou"], abs=6e-4)
    assert f"report: {page}" in outcome.out
    assert "guess on truth" in page.read_text()


def test_one_scan_and_no_labels(cli: Cli, scans: tuple[Path, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert cli("report", scans[0] / "a.laz", scans[1] / "a.laz", "-o", page).code == 0
    assert "2  ground" in page.read_text()


def test_a_run_is_scored_on_what_it_held_out(cli: Cli, run_folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert cli("report", run_folder, "-o", page).code == 0
    log = (run_folder / "log.csv").read_text().splitlines()
    column = log[0].split(",").index("mean_iou")
    best = max(float(row.split(",")[column]) for row in log[1:])
    assert mean_iou(page) == pytest.approx(best, abs=6e-4)
    text = page.read_text()
    assert "boxes on 1 held-out scan of scenes" in text
    assert 'id="training"' in text
    assert 'id="chart-calibration"' in text


def test_a_run_whose_data_has_moved_names_the_remedy(
    refused: Callable[..., str], run_folder: Path, scene_folder: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "run"
    shutil.copytree(run_folder, moved)
    page = tmp_path / "page.html"
    noted = json.loads((moved / "data.json").read_text())
    assert noted == {"data": str(scene_folder), "held_out": ["b.laz"]}
    (moved / "data.json").write_text(json.dumps(noted | {"data": "/not/there"}))
    assert "/not/there, which is not there now; name the data by --data" in refused(
        "report", moved, "-o", page
    )
    (moved / "data.json").unlink()
    assert "--data" in refused("report", moved, "-o", page)


def test_other_data_than_that_of_the_run_is_refused(
    refused: Callable[..., str], run_folder: Path, scene_folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(scene_folder, other)
    (other / "b.laz").rename(other / "b.c.laz")
    said = refused("report", run_folder, "--data", other, "-o", tmp_path / "page.html")
    assert "what is held out differs by b.c.laz, b.laz" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--label-field", "x"], "--label-field goes with PREDICTED and TRUTH"),
        (["--model", "x"], "--model goes with PREDICTED and TRUTH"),
    ],
)
def test_options_of_pairs_are_refused_with_a_run(
    refused: Callable[..., str], run_folder: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    page = tmp_path / "page.html"
    assert said in refused("report", run_folder, *arguments, "-o", page)


def test_data_is_refused_with_pairs(
    refused: Callable[..., str], scans: tuple[Path, Path], tmp_path: Path
) -> None:
    said = refused("report", *scans, "--data", tmp_path, "-o", tmp_path / "page.html")
    assert "--data goes with RUN alone" in said


def test_predictions_without_truth_are_told_what_to_do(
    refused: Callable[..., str], scans: tuple[Path, Path], tmp_path: Path
) -> None:
    for path in (scans[0], scans[0] / "a.laz", tmp_path / "nothing"):
        said = refused("report", path, "-o", tmp_path / "page.html")
        assert f"{path}: is no folder of a training run; wanted one, or predictions" in said


def test_a_page_is_not_overwritten(
    cli: Cli, refused: Callable[..., str], scans: tuple[Path, Path], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text("mine")
    assert "--overwrite" in refused("report", *scans, "-o", page)
    assert cli("report", *scans, "-o", page, "--overwrite").code == 0
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_a_cloud_of_one_point(cli: Cli, tmp_path: Path) -> None:
    for name, label in (("guess", 6), ("truth", 2)):
        write(tmp_path / f"{name}.ply", PointCloud(np.zeros((1, 3)), labels=np.array([label])))
    page = tmp_path / "page.html"
    assert cli("report", tmp_path / "guess.ply", tmp_path / "truth.ply", "-o", page).code == 0
    assert mean_iou(page) == 0.0


def test_empty_scans_are_one_line(refused: Callable[..., str], tmp_path: Path) -> None:
    for name in ("guess", "truth"):
        empty = PointCloud(np.empty((0, 3)), labels=np.empty(0, np.int64))
        write(tmp_path / f"{name}.ply", empty)
    said = refused(
        "report", tmp_path / "guess.ply", tmp_path / "truth.ply", "-o", tmp_path / "page.html"
    )
    assert "no point to compare" in said


def test_an_image_and_an_empty_prediction(cli: Cli, tmp_path: Path) -> None:
    truth = np.zeros((20, 30), np.uint8)
    truth[5:10, 5:10] = 1
    for name, mask in (("guess", np.zeros_like(truth)), ("truth", truth)):
        Image.fromarray(mask).save(tmp_path / f"{name}.png")
    page = tmp_path / "page.html"
    assert cli("report", tmp_path / "guess.png", tmp_path / "truth.png", "-o", page).code == 0
    assert mean_iou(page) == 0.0
    assert "600 voxels of 1 volume" in re.sub(r"\s+", " ", page.read_text())


def test_volumes_have_the_score_of_evaluate(cli: Cli, balls: Path, tmp_path: Path) -> None:
    guesses = tmp_path / "guess"
    guesses.mkdir()
    for file in sorted((balls / "labelsTr").iterdir())[:3]:
        source = nibabel.load(file)
        array = np.roll(np.asarray(source.dataobj), 1, axis=0)
        nibabel.save(nibabel.Nifti1Image(array, source.affine), guesses / file.name)
    page, scores = tmp_path / "page.html", tmp_path / "scores.json"
    assert cli("evaluate", guesses, balls, "--json", scores).code == 0
    assert cli("report", guesses, balls, "-o", page).code == 0
    said = json.loads(scores.read_text())
    assert mean_iou(page) == pytest.approx(said["mean"]["iou"], abs=6e-4)
    text = re.sub(r"\s+", " ", page.read_text())
    assert f"mean Dice {said['mean']['dice']:.3f}" in text
    assert "7 of the truth have no prediction" in text
