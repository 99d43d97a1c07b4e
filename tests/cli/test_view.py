"""``volseg view``: pictures of scans, and the whole way from training to a picture."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from volseg.errors import DisplayError
from volseg.view.display import hidden_window


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
