"""``volseg evaluate``: a table for people, JSON and CSV for programs."""

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
from volseg.geometry.colours import rgb
from volseg.io import write

TRUTH = [2, 2, 2, 2, 6, 6, 5, 0]
GUESS = [2, 2, 2, 6, 6, 6, 2, 6]


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "guess.ply", tmp_path / "truth.ply"
    for path, labels in zip(paths, (GUESS, TRUTH), strict=True):
        xyz = np.arange(24.0).reshape(8, 3)
        write(path, PointCloud(xyz, labels=np.array(labels)))
    return paths


def close(value: float) -> Any:
    return pytest.approx(value, abs=1e-12)


def test_json_has_the_structure_documented(
    cli: Callable[..., Any], pair: tuple[Path, Path], config_file: Path, tmp_path: Path
) -> None:
    outcome = cli("evaluate", *pair, "--labels", config_file, "--json", tmp_path / "s.json")
    assert outcome.code == 0
    ground = {
        "iou": close(3 / 5),
        "dice": close(6 / 8),
        "precision": close(3 / 4),
        "recall": close(3 / 4),
        "support": 4,
    }
    box = {
        "iou": close(2 / 4),
        "dice": close(4 / 6),
        "precision": close(2 / 3),
        "recall": close(2 / 3),
        "support": 3,
    }
    assert json.loads((tmp_path / "s.json").read_text()) == {
        "classes": {"ground": ground, "box": box},
        "mean_iou": close(0.55),
        "overall_accuracy": close(5 / 7),
        "confusion": [[3, 1], [1, 2]],
        "labels": ["ground", "box"],
    }
    lines = [line.split() for line in outcome.out.splitlines()]
    assert lines[0] == ["class", "IoU", "Dice", "precision", "recall", "points"]
    assert lines[1] == ["ground", "0.600", "0.750", "0.750", "0.750", "4"]
    assert lines[2] == ["box", "0.500", "0.667", "0.667", "0.667", "3"]
    assert lines[3] == ["mean", "IoU", "0.550", "overall", "accuracy", "0.714"]


def test_a_model_names_the_classes_too(
    cli: Callable[..., Any], pair: tuple[Path, Path], config_file: Path, run_folder: Path
) -> None:
    by_model = cli("evaluate", *pair, "--model", run_folder)
    assert by_model.code == 0
    assert by_model.out == cli("evaluate", *pair, "--labels", config_file).out


@pytest.mark.parametrize(("absent", "iou", "mean"), [("nan", None, 1.0), ("zero", 0.0, 0.5)])
def test_absent_classes(
    cli: Callable[..., Any],
    tmp_path: Path,
    config_file: Path,
    absent: str,
    iou: float | None,
    mean: float,
) -> None:
    scan = tmp_path / "a.ply"
    write(scan, PointCloud(np.eye(3), labels=np.array([2, 2, 0])))
    json_file = tmp_path / "s.json"
    command = ("evaluate", scan, scan, "--labels", config_file, "--absent", absent)
    outcome = cli(*command, "--json", json_file)
    assert outcome.code == 0
    scores = json.loads(json_file.read_text())
    assert scores["classes"]["box"]["iou"] == iou
    assert scores["mean_iou"] == mean
    shown = "-" if iou is None else "0.000"
    assert ["box", *[shown] * 4, "0"] in [line.split() for line in outcome.out.splitlines()]


def test_a_class_that_the_truth_lacks_is_named_and_in_no_mean(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    paths = tmp_path / "guess.ply", tmp_path / "truth.ply"
    for path, labels in zip(paths, ([2, 2, 2, 6, 9, 9], [2, 2, 2, 6, 6, 6]), strict=True):
        write(path, PointCloud(np.arange(18.0).reshape(6, 3), labels=np.array(labels)))
    outcome = cli("evaluate", *paths, "--json", tmp_path / "s.json", "--plot", tmp_path / "s.png")
    assert outcome.code == 0
    lines = [line.split() for line in outcome.out.splitlines()]
    assert ["9", "(not", "in", "truth)", *["0.000"] * 4, "0"] in lines
    assert lines[-1][:3] == ["mean", "IoU", "0.667"]  # of 1 and 1/3
    assert "does not have: 9 (predicted 2 times)" in outcome.err
    assert "--model or --labels" in outcome.err
    missed = cli("evaluate", *reversed(paths))
    assert "does not have" not in missed.err
    assert "--model or --labels" in missed.err
    assert cli("evaluate", paths[1], paths[1]).err == ""
    scores = json.loads((tmp_path / "s.json").read_text())
    assert (scores["mean_iou"], scores["not_in_mean"]) == (close(2 / 3), ["9"])
    everything = cli("evaluate", *paths, "--absent", "zero")
    assert "mean IoU 0.444" in everything.out
    assert "does not have" not in everything.err


@pytest.mark.parametrize(("suffix", "brown"), [(".laz", True), (".ply", False)])
def test_a_plot_of_ids_has_the_colours_of_las_where_they_are_its(
    cli: Callable[..., Any], tmp_path: Path, suffix: str, brown: bool
) -> None:
    paths = tmp_path / f"guess{suffix}", tmp_path / f"truth{suffix}"
    for path, labels in zip(paths, ([2, 2, 6, 6], [2, 6, 6, 6]), strict=True):
        write(path, PointCloud(np.arange(12.0).reshape(4, 3), labels=np.array(labels)))
    assert cli("evaluate", *paths, "--plot", tmp_path / "s.png").code == 0
    with Image.open(tmp_path / "s.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    assert (pixels == rgb("#C9B28E")).all(axis=2).any() == brown


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


def test_without_a_label_map_every_id_is_a_class(
    cli: Callable[..., Any], pair: tuple[Path, Path], tmp_path: Path
) -> None:
    assert cli("evaluate", *pair, "--json", tmp_path / "s.json").code == 0
    scores = json.loads((tmp_path / "s.json").read_text())
    assert scores["labels"] == ["0", "2", "5", "6"]
    assert scores["classes"]["5"] == {
        "iou": 0, "dice": 0, "precision": 0, "recall": 0, "support": 1
    }  # fmt: skip


def test_folders_name_the_truth_nobody_predicted(
    cli: Callable[..., Any], pair: tuple[Path, Path], tmp_path: Path
) -> None:
    guesses, truths = tmp_path / "p", tmp_path / "t"
    for folder in (guesses, truths):
        folder.mkdir()
    pair[0].rename(guesses / "a.ply")
    (truths / "b.ply").write_bytes(pair[1].read_bytes())
    pair[1].rename(truths / "a.ply")
    outcome = cli("evaluate", guesses, truths)
    assert outcome.code == 0
    assert outcome.err.splitlines()[0] == "1 of the truth's scans have no prediction: b.ply"


def test_json_is_not_overwritten_unless_told(
    cli: Callable[..., Any], refused: Callable[..., str], pair: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "s.json").write_text("precious")
    command = ("evaluate", *pair, "--json", tmp_path / "s.json")
    assert "s.json: exists already" in refused(*command)
    assert cli(*command, "--overwrite").code == 0
    assert json.loads((tmp_path / "s.json").read_text())["labels"]


def test_model_and_labels_are_one_too_many(
    refused: Callable[..., str], pair: tuple[Path, Path], config_file: Path, run_folder: Path
) -> None:
    said = refused("evaluate", *pair, "--labels", config_file, "--model", run_folder)
    assert "--model and --labels" in said


@pytest.mark.parametrize("option", ["--surface", "--tolerance=2", "--csv=x.csv"])
def test_scans_have_no_surfaces(
    refused: Callable[..., str], pair: tuple[Path, Path], option: str
) -> None:
    assert "goes with volumes" in refused("evaluate", *pair, option)


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
    head = "class cases Dice IoU pooled Dice HD95 median surface Dice at 1 missed invented"
    assert lines[0] == head.split()
    assert [line[0] for line in lines[1:]] == ["background", "organ", "tumour", "mean"]
    assert lines[1][1:8] == ["2", "1.000", "±", "0.000", "1.000", "1.000", "-"]
    assert " ".join(lines[3]) == "tumour 2 0.500 ± 0.500 0.500 0.667 inf inf 0.500 1 0"
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
    assert " ".join(lines[0]) == "class cases Dice IoU pooled Dice missed invented"
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


def test_one_bad_scan_among_many_costs_its_pair_alone(
    cli: Callable[..., Any], config_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "t").mkdir()
    for name, labels in (("a", GUESS), ("b", GUESS[:3]), ("c", GUESS), ("d", GUESS)):
        xyz = np.arange(3.0 * len(labels)).reshape(-1, 3)
        write(tmp_path / "p" / f"{name}.ply", PointCloud(xyz, labels=np.array(labels)))
        xyz = np.arange(24.0).reshape(8, 3)
        truth = PointCloud(xyz, labels=np.array(TRUTH))
        write(tmp_path / "t" / f"{name if name != 'd' else 'x'}.ply", truth)
    (tmp_path / "p" / "c.ply").write_bytes(b"cut short")
    command = (tmp_path / "p", tmp_path / "t")
    for labels in ((), ("--labels", config_file)):
        outcome = cli("evaluate", *command, *labels)
        assert outcome.code == 2
        errors = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
        assert [error.split(": ")[1].rsplit("/", 1)[1] for error in errors] == [
            "d.ply", "b.ply", "c.ply",
        ]  # fmt: skip
        assert outcome.err.splitlines()[-1] == "1 of 4 files done, 3 failed: d.ply, b.ply, c.ply"
        alone = cli("evaluate", *(one / "a.ply" for one in command), *labels)
        assert outcome.out == alone.out
    page = tmp_path / "page.html"
    assert cli("report", *command, "--labels", config_file, "-o", page).code == 2
    assert "Left out: " in page.read_text()


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


@pytest.mark.parametrize(
    ("out", "made"), [("a.png", "a.png"), ("b.jpg", "b.jpg"), ("c", "c/scores.png")]
)
def test_a_plot_goes_to_a_file_or_a_folder(
    cli: Callable[..., Any], pair: tuple[Path, Path], tmp_path: Path, out: str, made: str
) -> None:
    assert cli("evaluate", *pair, "--plot", tmp_path / out).code == 0
    with Image.open(tmp_path / made) as picture:
        assert picture.width > picture.height


def test_a_plot_of_volumes_has_the_classes_of_the_dataset(
    cli: Callable[..., Any], dataset: tuple[Path, Path], tmp_path: Path
) -> None:
    assert cli("evaluate", *dataset, "--plot", tmp_path / "a.png").code == 0
    assert (tmp_path / "a.png").stat().st_size > 5000
