"""``volseg view``: pictures of scans, and the whole way from training to a picture."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from volseg.errors import DisplayError
from volseg.geometry import PointCloud
from volseg.io import write
from volseg.view.window.display import hidden_window


@pytest.fixture(autouse=True, scope="module")
def _drawing() -> None:
    """Drawing works here, or the reason why not is said."""
    try:
        with hidden_window(64, 64):
            pass
    except DisplayError as error:
        pytest.skip(str(error))


def is_picture(path: Path) -> bool:
    with Image.open(path) as image:
        colours = image.convert("RGB").getcolors(1 << 24)
    return colours is not None and len(colours) > 20


def test_train_predict_evaluate_view(
    cli: Callable[..., Any], config_file: Path, scene_folder: Path, tmp_path: Path
) -> None:
    run, made, scores = tmp_path / "run", tmp_path / "made", tmp_path / "scores.json"
    assert cli("train", config_file, "--data", scene_folder, "--out", run).code == 0
    assert cli("predict", run, scene_folder / "b.laz", "-o", made, "--confidence").code == 0
    told = cli("evaluate", made, scene_folder, "--model", run, "--json", scores)
    assert told.code == 0
    assert json.loads(scores.read_text())["mean_iou"] > 0.75
    picture = tmp_path / "picture.png"
    outcome = cli("view", made / "b.laz", "--model", run, "--screenshot", picture)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"picture: {picture}\n"
    assert is_picture(picture)


@pytest.mark.parametrize("colour", ["class", "height", "intensity"])
@pytest.mark.parametrize("camera", ["oblique", "top"])
def test_colours_and_cameras(
    cli: Callable[..., Any], scene_folder: Path, tmp_path: Path, colour: str, camera: str
) -> None:
    picture = tmp_path / "picture.png"
    command = ("view", scene_folder / "a.laz", "--screenshot", picture, "--colour", colour)
    assert cli(*command, "--camera", camera).code == 0
    assert is_picture(picture)


def test_an_unknown_colour_names_those_there(
    refused: Callable[..., str], scene_folder: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    scan = scene_folder / "a.laz"
    assert "intensity" in refused("view", scan, "--screenshot", picture, "--colour", "warmth")


def test_a_picture_is_not_overwritten_unless_told(
    cli: Callable[..., Any], refused: Callable[..., str], scene_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "picture.png").write_bytes(b"precious")
    command = ("view", scene_folder / "a.laz", "--screenshot", tmp_path / "picture.png")
    assert "exists already" in refused(*command)
    assert cli(*command, "--overwrite").code == 0
    assert is_picture(tmp_path / "picture.png")


@pytest.fixture(scope="module")
def wrong_scan(tmp_path_factory: pytest.TempPathFactory, scene_folder: Path) -> Path:
    """A copy of ``a.laz`` that is wrong in one corner."""
    from volseg.io import read, write

    path = tmp_path_factory.mktemp("wrong") / "a.laz"
    cloud = read(scene_folder / "a.laz")
    assert cloud.labels is not None
    low = cloud.xyz.min(axis=0)
    corner = (cloud.xyz[:, 0] < low[0] + 6) & (cloud.xyz[:, 1] < low[1] + 6)
    write(path, cloud.with_labels(np.where(corner, 5, cloud.labels)), like=scene_folder / "a.laz")
    return path


def share_of_red(path: Path) -> float:
    """The share of a picture that is drawn in the colour of errors, edges aside."""
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    return float((np.abs(pixels - (214, 26, 26)).max(axis=2) < 12).mean())


def test_errors_are_shown_where_there_is_a_truth(
    cli: Callable[..., Any], scene_folder: Path, wrong_scan: Path, tmp_path: Path
) -> None:
    command = ("view", wrong_scan, "--truth", scene_folder / "a.laz")
    shown = {}
    for colour in ("error", "truth"):
        picture = tmp_path / f"{colour}.png"
        assert cli(*command, "--colour", colour, "--screenshot", picture).code == 0
        shown[colour] = share_of_red(picture)
    assert shown["error"] > 0.004
    assert shown["truth"] < 0.001


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is always a display")
def test_no_display_is_one_line_and_no_failure_of_volsegs(
    cli: Callable[..., Any], scene_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    outcome = cli("view", scene_folder / "a.laz")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    for remedy in ("no display", "--screenshot", "--web"):
        assert remedy in outcome.err
    assert "failure" not in outcome.err


def test_how_errors_are_judged_without_a_label_map_is_said(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    xyz = np.random.default_rng(0).random((3000, 3)) * 20
    guess = np.where(xyz[:, 0] < 5, 5, 2)
    true = np.where((guess == 5) & (xyz[:, 1] < 10), 4, guess)
    for name, ids in (("guess", guess), ("true", true)):
        write(tmp_path / f"{name}.las", PointCloud(xyz, labels=ids))
    command = ("view", tmp_path / "guess.las", "--truth", tmp_path / "true.las")
    outcome = cli(*command, "--colour", "error", "--screenshot", tmp_path / "a.png")
    assert outcome.code == 0
    assert "3, 4, 5 are one class, vegetation" in outcome.err
    assert share_of_red(tmp_path / "a.png") < 0.002  # the legend alone


def test_prediction_and_truth_stand_side_by_side(
    cli: Callable[..., Any], scene_folder: Path, wrong_scan: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "both.png"
    command = ("view", wrong_scan, "--truth", scene_folder / "a.laz", "--compare", "side-by-side")
    outcome = cli(*command, "--screenshot", picture)
    assert (outcome.code, outcome.err) == (0, "")
    with Image.open(picture) as image:
        assert image.width > 1.5 * image.height
        left, right = (
            np.asarray(image.crop((at, 100, at + 900, 800))).astype(int) for at in (0, 900)
        )
    assert (left != right).any(axis=2).mean() > 0.005  # the corner
    paper = [(one == 255).all(axis=2) for one in (left, right)]
    assert (paper[0] != paper[1]).mean() < 0.002  # seen from one place


@pytest.mark.parametrize("colour", ["class", "error"])
def test_a_turntable_is_a_film(
    cli: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    scene_folder: Path,
    wrong_scan: Path,
    tmp_path: Path,
    colour: str,
) -> None:
    monkeypatch.setattr(import_module("volseg.view"), "TURN", 4)
    monkeypatch.setattr(import_module("volseg.view"), "FILM_SIZE", (320, 240))
    film = tmp_path / "turn.gif"
    command = ("view", wrong_scan, "--truth", scene_folder / "a.laz", "--colour", colour)
    outcome = cli(*command, "--turntable", film)
    assert (outcome.code, outcome.err, outcome.out) == (0, "", f"film: {film}\n")
    with Image.open(film) as read:
        assert (read.size, read.n_frames) == ((320, 240), 4)
        seen = [np.asarray(one.convert("RGB")) for one in ImageSequence.Iterator(read)]
    assert all((one != seen[0]).any() for one in seen[1:])


def test_volumes_are_shown_with_their_image(
    cli: Callable[..., Any], make_balls: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_balls(tmp_path / "balls", cases=1)
    labels = next((folder / "labelsTr").iterdir())
    image = next((folder / "imagesTr").iterdir())
    for name, more in (("class", ()), ("error", ("--truth", labels)), ("intensity", ())):
        picture = tmp_path / f"{name}.png"
        command = ("view", labels, "--image", image, "--colour", name, "--screenshot", picture)
        assert cli(*command, *more).code == 0
        assert is_picture(picture)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--screenshot", "a.png", "--turntable", "a.gif"), "give one of"),
        (("--turntable", "a.avi"), "wanted .gif or .mp4"),
        (("--screenshot", "missing/a.png"), "does not exist"),
        (("--screenshot", "a.png", "--compare", "side-by-side"), "--compare needs --truth"),
        (("--screenshot", "a.png", "--colour", "error"), "need --truth"),
        (("--screenshot", "a.docx"), "wanted .png"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    refused: Callable[..., str],
    scene_folder: Path,
    tmp_path: Path,
    options: tuple[str, ...],
    said: str,
) -> None:
    placed = [str(tmp_path / one) if "." in one else one for one in options]
    assert said in refused("view", scene_folder / "a.laz", *placed)


def test_an_empty_scan_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    from volseg.geometry import PointCloud
    from volseg.io import write

    write(tmp_path / "empty.laz", PointCloud(np.zeros((0, 3))))
    command = ("view", tmp_path / "empty.laz", "--screenshot", tmp_path / "a.png")
    assert "has no points" in refused(*command)


def test_one_point_is_a_picture(cli: Callable[..., Any], tmp_path: Path) -> None:
    from volseg.geometry import PointCloud
    from volseg.io import write

    write(tmp_path / "one.laz", PointCloud(np.array([[5e5, 5e6, 7.0]]), labels=np.array([2])))
    picture = tmp_path / "one.png"
    assert cli("view", tmp_path / "one.laz", "--screenshot", picture).code == 0
    assert is_picture(picture)


def test_a_browser_is_told_where_to_look(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, scene_folder: Path
) -> None:
    pages: list[bytes] = []
    monkeypatch.setattr(
        import_module("volseg.view"), "serve", lambda page, say: (pages.append(page), say("here"))
    )
    outcome = cli("view", scene_folder / "a.laz", "--web", "--colour", "height")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "here\n")
    assert b"Plotly.newPlot" in pages[0]
