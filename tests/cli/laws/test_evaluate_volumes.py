"""What the command says of volumes, case by case."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from PIL import Image

from volseg.geometry import PointCloud
from volseg.io import write


def close(value: float) -> Any:
    return pytest.approx(value, abs=1e-12)


@pytest.fixture
def dataset(tmp_path: Path) -> tuple[Path, Path]:
    """Predictions, and a dataset: 'b' lacks its tumour, 'c' is not predicted."""
    labels, guesses = tmp_path / "d" / "labelsTr", tmp_path / "p"
    for folder in (labels, guesses, tmp_path / "d" / "imagesTr"):
        folder.mkdir(parents=True)
    for name in "abc":
        ids = np.zeros((10, 9, 8), np.uint8)
        ids[2:8, 2:7, 2:6] = 1
        ids[3:5, 3:5, 3:5] = 2
        for folder in (labels, guesses, tmp_path / "d" / "imagesTr"):
            if folder is guesses and name == "b":
                ids[ids == 2] = 1
            if folder is not guesses or name != "c":
                image = nibabel.Nifti1Image(ids, np.diag([1, 1, 3, 1]))
                suffix = "_0000.nii.gz" if folder.name == "imagesTr" else ".nii.gz"
                nibabel.save(image, folder / f"{name}{suffix}")
    said = {"channel_names": {"0": "T1"}, "labels": {"background": 0, "organ": 1, "tumour": 2}}
    (tmp_path / "d" / "dataset.json").write_text(json.dumps(said | {"file_ending": ".nii.gz"}))
    return guesses, tmp_path / "d"


def test_an_organ_that_no_truth_has_is_in_no_mean(cli: Callable[..., Any], tmp_path: Path) -> None:
    guess, truth = np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8)
    truth[:2], guess[:1], guess[3] = 1, 1, 2
    for name, array in (("guess", guess), ("truth", truth)):
        nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), tmp_path / f"{name}.nii.gz")
    files = tmp_path / "guess.nii.gz", tmp_path / "truth.nii.gz"
    outcome = cli("evaluate", *files, "--json", tmp_path / "s.json")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert any("2 (not in truth)" in line for line in lines)
    assert lines[-1].split()[2:4] == ["0.667", "0.500"]
    assert "does not have: class_2" in outcome.err
    scores = json.loads((tmp_path / "s.json").read_text())
    assert scores["mean"]["dice"] == close(2 / 3)


def test_volumes_of_a_dataset(
    cli: Callable[..., Any], dataset: tuple[Path, Path], tmp_path: Path
) -> None:
    files = tmp_path / "s.json", tmp_path / "s.csv"
    outcome = cli("evaluate", *dataset, "--surface", "--json", files[0], "--csv", files[1])
    assert outcome.code == 0
    assert outcome.err.splitlines() == [
        "1 of the truth's volumes have no prediction: c",
        "the mean leaves out background",
    ]
    lines = [line.split() for line in outcome.out.splitlines()]
    head = "class cases Dice IoU pooled Dice HD95 median surface Dice at 1"
    assert lines[0] == f"{head} ml true ml missed invented".split()
    assert [line[0] for line in lines[1:]] == ["background", "organ", "tumour", "mean"]
    assert lines[1][1:8] == ["2", "1.000", "±", "0.000", "1.000", "1.000", "-"]
    assert " ".join(lines[3]) == "tumour 2 0.500 ± 0.500 0.500 0.667 inf inf 0.500 0.012 0.024 1 0"
    report = json.loads(files[0].read_text())
    assert report["classes"]["tumour"]["dice"] == 0.5
    assert report["mean"]["dice"] == close((report["classes"]["organ"]["dice"] + 0.5) / 2)
    assert lines[4][:3] == ["mean", "2", f"{report['mean']['dice']:.3f}"]
    with files[1].open() as table:
        rows = {(row["case"], row["class"]): row for row in csv.DictReader(table)}
    assert set(rows) == {(case, name) for case in "ab" for name in report["classes"]}
    assert (rows["a", "organ"]["dice"], rows["b", "tumour"]["hd95"]) == ("1.0", "inf")


def test_a_table_of_pairs_is_a_truth(
    cli: Callable[..., Any], dataset: tuple[Path, Path], tmp_path: Path
) -> None:
    rows = [f"d/imagesTr/{name}_0000.nii.gz,d/labelsTr/{name}.nii.gz,{name}" for name in "abc"]
    (tmp_path / "t.csv").write_text("\n".join(["image,label,case", *rows]))
    said = [
        cli("evaluate", dataset[0], truth)
        for truth in (tmp_path / "t.csv", dataset[1] / "labelsTr")
    ]
    assert said[0] == said[1]
    assert said[0].code == 0


def test_volumes_without_surfaces(cli: Callable[..., Any], dataset: tuple[Path, Path]) -> None:
    outcome = cli("evaluate", dataset[0] / "b.nii.gz", dataset[1] / "labelsTr" / "b.nii.gz")
    assert outcome.code == 0
    lines = [line.split() for line in outcome.out.splitlines()]
    assert " ".join(lines[0]) == "class cases Dice IoU pooled Dice ml true ml missed invented"
    assert [line[0] for line in lines[1:]] == ["background", "class_1", "class_2", "mean"]
    assert lines[3][-2:] == ["1", "0"]


def test_a_label_map_joins_the_ids_of_volumes(
    cli: Callable[..., Any], dataset: tuple[Path, Path], tmp_path: Path
) -> None:
    yaml = "classes: {none: {ids: [0]}, organ: {ids: [1, 2]}}"
    (tmp_path / "labels.yaml").write_text(yaml)
    outcome = cli("evaluate", *dataset, "--labels", tmp_path / "labels.yaml")
    assert outcome.code == 0
    assert outcome.out.splitlines()[-2].split()[:3] == ["organ", "2", "1.000"]


def test_images(cli: Callable[..., Any], tmp_path: Path) -> None:
    for folder in ("p", "t"):
        (tmp_path / folder).mkdir()
        ids = np.zeros((9, 9), np.uint8)
        ids[2:7, 2:7] = 255
        Image.fromarray(ids).save(tmp_path / folder / "a.png")
    # A table beside the predictions, such as the scores of an earlier run, is no scan.
    (tmp_path / "t" / "scores.txt").touch()
    Image.fromarray(ids).save(tmp_path / "t" / "b.png")
    outcome = cli("evaluate", tmp_path / "p", tmp_path / "t", "--surface", "--tolerance", "2.5")
    assert outcome.code == 0
    assert "surface Dice at 2.5" in outcome.out
    assert outcome.out.splitlines()[2].split()[:3] == ["class_255", "1", "1.000"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tolerance", "2"], "--tolerance goes with --surface"),
        (["--absent", "zero"], "--absent goes with scans"),
        (["--label-field", "x"], "--label-field goes with scans"),
        (["--json", "x", "--csv", "x"], "--json and --csv name the same file"),
        (["--json", "x.png", "--plot", "x.png"], "--json and --plot name the same file"),
        (["--plot", "x.docx"], "x.docx: no picture format; wanted .png, .jpg, .jpeg"),
    ],
)
def test_options_that_do_not_fit_volumes(
    refused: Callable[..., str],
    dataset: tuple[Path, Path],
    tmp_path: Path,
    options: list[str],
    said: str,
) -> None:
    named = [tmp_path / one if one.startswith("x") else one for one in options]
    assert said in refused("evaluate", *dataset, *named)


def test_a_csv_is_not_overwritten_unless_told(
    cli: Callable[..., Any], refused: Callable[..., str], dataset: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "s.csv").write_text("precious")
    command = ("evaluate", *dataset, "--csv", tmp_path / "s.csv")
    assert "s.csv: exists already" in refused(*command)
    assert cli(*command, "--overwrite").code == 0
    assert (tmp_path / "s.csv").read_text().startswith("case,class,dice")


def test_a_prediction_on_another_grid_costs_its_case_alone(
    cli: Callable[..., Any], dataset: tuple[Path, Path], tmp_path: Path
) -> None:
    other = nibabel.Nifti1Image(np.zeros((10, 9, 7), np.uint8), np.diag([1, 1, 3, 1]))
    nibabel.save(other, dataset[0] / "a.nii.gz")
    outcome = cli("evaluate", *dataset, "--json", tmp_path / "s.json")
    assert outcome.code == 2
    (said,) = (line for line in outcome.err.splitlines() if line.startswith("error: "))
    assert "a.nii.gz: has grid 10 x 9 x 7" in said
    assert "labelsTr/a.nii.gz has 10 x 9 x 8" in said
    assert outcome.err.splitlines()[-1] == "1 of 2 files done, 1 failed: a.nii.gz"
    scores = json.loads((tmp_path / "s.json").read_text())
    assert list(scores["cases"]) == ["b"]
    assert "error: " + scores["failed"][0] == said


def test_a_prediction_alone_on_another_grid_is_refused(
    refused: Callable[..., str], dataset: tuple[Path, Path]
) -> None:
    other = nibabel.Nifti1Image(np.zeros((10, 9, 7), np.uint8), np.diag([1, 1, 3, 1]))
    nibabel.save(other, dataset[0] / "a.nii.gz")
    (dataset[0] / "b.nii.gz").unlink()
    refused("evaluate", *dataset, "--json", dataset[0] / "s.json", notes=1)


def test_previews_and_plots_are_no_predictions(cli: Callable[..., Any], tmp_path: Path) -> None:
    guesses, truths = tmp_path / "p", tmp_path / "t"
    mask = np.zeros((20, 30), np.uint8)
    mask[5:10, 5:10] = 1
    for folder in (guesses, truths):
        folder.mkdir()
        Image.fromarray(mask).save(folder / "a.png")
    Image.new("RGB", (40, 30)).save(guesses / "a_preview.png")
    for _ in range(2):
        outcome = cli("evaluate", guesses, truths, "--plot", guesses, "--overwrite")
        assert outcome.code == 0, outcome
    # As truth they are none either, and pictures beside scans make these no volumes.
    assert cli("evaluate", truths, guesses).code == 0
    for folder in (guesses, truths):
        (folder / "a.png").unlink()
        write(folder / "a.ply", PointCloud(np.eye(3), labels=np.array([2, 2, 0])))
    outcome = cli("evaluate", guesses, guesses)
    assert outcome.code == 0, outcome
    assert "points" in outcome.out


def test_folders_match_as_images_and_labels_do_in_training(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    for number in (7, 8):
        mask = np.zeros((12, 12), np.uint8)
        mask[:number, :number] = 1
        for name in (f"p/{number}_slide.png", f"t/{number}_annotation.gif"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            Image.fromarray(mask).save(tmp_path / name)
    outcome = cli("evaluate", tmp_path / "p", tmp_path / "t", "--json", tmp_path / "s.json")
    assert outcome.code == 0, outcome
    scores = json.loads((tmp_path / "s.json").read_text())
    assert sorted(scores["cases"]) == ["7_annotation", "8_annotation"]
    assert scores["mean"]["dice"] == 1.0


def test_a_plot_of_volumes_has_the_classes_of_the_dataset(
    cli: Callable[..., Any], dataset: tuple[Path, Path], tmp_path: Path
) -> None:
    assert cli("evaluate", *dataset, "--plot", tmp_path / "a.png").code == 0
    assert (tmp_path / "a.png").stat().st_size > 5000
