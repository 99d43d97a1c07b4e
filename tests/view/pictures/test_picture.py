from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.view import (
    Entry,
    Legend,
    View,
    annotate,
    colour_by,
    colour_errors,
    panels,
    save,
    screenshot,
)

RED, BLUE, GREEN = (220, 20, 20), (20, 40, 220), (20, 180, 60)
LEGEND = Legend("class", (Entry("left", RED), Entry("right", BLUE), Entry("above", GREEN)))


def scene(offset: tuple[float, float, float] = (0, 0, 0)) -> tuple[np.ndarray, np.ndarray]:
    """A red box in the west, a blue one in the east, a green one above; 40 m along x."""
    random = np.random.default_rng(3)
    boxes = [((0, 0, 0), RED), ((30, 0, 0), BLUE), ((15, 0, 25), GREEN)]
    xyz = [random.random((15_000, 3)) * 10 + corner for corner, _ in boxes]
    colours = [np.tile(np.array(colour, np.uint8), (15_000, 1)) for _, colour in boxes]
    return np.vstack(xyz) + offset, np.vstack(colours)


def middle(image: Image.Image, colour: tuple[int, int, int]) -> tuple[float, float]:
    """Where a colour is on average (right, down): by hue, since edges are darkened."""
    pixels = np.asarray(image).astype(float)
    strength = pixels.max(axis=2, keepdims=True)
    wanted = np.array(colour) / max(colour)
    near = np.abs(pixels / np.maximum(strength, 1) - wanted).max(axis=2) < 0.06
    assert near.sum() > 50, f"{colour} is not in the picture"
    rows, columns = np.nonzero(near)
    return float(columns.mean()), float(rows.mean())


@pytest.mark.usefixtures("drawing")
@pytest.mark.parametrize("view", ["oblique", "side"])
@pytest.mark.parametrize("offset", [(0, 0, 0), (4_500_000.3, 5_400_000.7, -90.0)])
def test_left_right_and_above_are_where_they_belong(
    view: View, offset: tuple[float, float, float]
) -> None:
    xyz, colours = scene(offset)
    image = screenshot(xyz, colours, None, size=(400, 300), view=view)
    assert image.size == (400, 300)
    red, blue, green = (middle(image, colour) for colour in (RED, BLUE, GREEN))
    assert red[0] < green[0] < blue[0]
    assert green[1] < red[1]
    assert green[1] < blue[1]


@pytest.mark.usefixtures("drawing")
def test_a_plan_has_north_up() -> None:
    xyz, colours = scene()
    xyz = xyz[:, [2, 0, 1]]  # what lay in the east lies in the north now
    image = screenshot(xyz, colours, None, size=(300, 400), view="top")
    assert middle(image, BLUE)[1] < middle(image, RED)[1]
    assert middle(image, GREEN)[0] > middle(image, RED)[0]


@pytest.mark.usefixtures("drawing")
def test_surfaces_have_their_exact_colour_and_close() -> None:
    xyz = np.random.default_rng(0).random((20_000, 3)) * (10, 10, 0)
    colours = np.tile(np.array([(123, 45, 67)], np.uint8), (20_000, 1))
    image = np.asarray(screenshot(xyz, colours, None, size=(300, 300), view="top"))
    inside = image[60:240, 60:240].reshape(-1, 3)
    assert (inside == (123, 45, 67)).all(axis=1).mean() > 0.95
    assert (image[:3] == 255).all()


@pytest.mark.usefixtures("drawing")
def test_the_legend_stands_beside_the_points_and_holds_every_colour() -> None:
    xyz, colours = scene()
    bare = screenshot(xyz, np.zeros_like(colours), None, size=(600, 400))
    image = screenshot(xyz, np.zeros_like(colours), LEGEND, size=(600, 400), title="boxes")
    assert image.size == bare.size
    found = [middle(image, colour) for colour in (RED, BLUE, GREEN)]
    assert min(place[0] for place in found) > 400
    assert [place[1] for place in found] == sorted(place[1] for place in found)
    black = np.nonzero((np.asarray(image) < 5).all(axis=2))[1]
    assert black.max() < min(place[0] for place in found)


@pytest.mark.usefixtures("drawing")
@pytest.mark.parametrize("view", ["oblique", "top", "side"])
@pytest.mark.parametrize("shape", ["one point", "one place", "line", "plane"])
def test_degenerate_clouds_are_drawn(view: View, shape: str) -> None:
    spread = np.random.default_rng(0).random((50, 3)) * 8
    sides = {"one place": (0, 0, 0), "line": (0, 1, 0), "plane": (1, 1, 0)}
    xyz = spread * sides[shape] if shape in sides else np.zeros((1, 3))
    colours = np.tile(np.array([RED], np.uint8), (len(xyz), 1))
    image = screenshot(xyz + 7e6, colours, None, size=(600, 500), view=view)
    middle(image, RED)


@pytest.mark.usefixtures("drawing")
def test_two_pictures_of_one_cloud_are_the_same() -> None:
    xyz, colours = scene()
    one, two = (screenshot(xyz, colours, LEGEND, size=(300, 240)) for _ in range(2))
    assert one.tobytes() == two.tobytes()


@pytest.mark.usefixtures("drawing")
def test_truth_prediction_and_errors_stand_side_by_side() -> None:
    xyz, _ = scene()
    truth = np.repeat([0, 1, 2], 15_000)
    predicted = np.where(truth == 2, 1, truth)
    shown = [colour_by(PointCloud(xyz, labels=ids), "class") for ids in (truth, predicted)]
    shown.append(colour_errors(predicted, truth))
    images = [screenshot(xyz, colours, None, size=(300, 240)) for colours, _ in shown]
    picture = panels(images, ["truth", "prediction", "errors"], [shown[0][1], shown[2][1]])
    assert picture.width == 900
    assert picture.height > 240
    wrong = middle(picture.crop((600, 0, 900, 240)), (214, 26, 26))
    assert wrong[1] < 140
    below = picture.crop((0, picture.height - 150, 900, picture.height))
    for entry in (*shown[0][1].entries, shown[2][1].entries[1]):
        middle(below, entry.colour)


@pytest.mark.usefixtures("drawing")
def test_thinning_is_said_in_the_title(monkeypatch: pytest.MonkeyPatch) -> None:
    xyz, colours = scene()
    whole = screenshot(xyz, colours, None, size=(500, 300), title="boxes")
    monkeypatch.setattr(import_module("volseg.view.pictures.picture"), "MOST_POINTS", 20_000)
    thinned = screenshot(xyz, colours, None, size=(500, 300), title="boxes")
    right_of_title = (250, 0, 500, 24)
    assert (np.asarray(whole.crop(right_of_title)) == 255).all()
    assert (np.asarray(thinned.crop(right_of_title)) < 200).any()


def test_annotating_leaves_the_picture_as_it_is() -> None:
    bare = Image.new("RGB", (300, 200), (1, 2, 3))
    image = np.asarray(annotate(bare, LEGEND, "title"))
    assert (image == (1, 2, 3)).all(axis=2).sum() == 300 * 200


@pytest.mark.parametrize(
    ("points", "colours", "size", "said"),
    [
        (0, 0, (400, 300), "0 points"),
        (3, 2, (400, 300), "3 points and 2 colours"),
        (3, 3, (400, 30), "400 x 30 pixels"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    points: int, colours: int, size: tuple[int, int], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        screenshot(np.zeros((points, 3)), np.zeros((colours, 3), np.uint8), None, size=size)


def test_panels_want_a_title_each() -> None:
    with pytest.raises(InputError, match="1 pictures and 2 titles"):
        panels([Image.new("RGB", (300, 300))], ["a", "b"])


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".PNG"])
def test_saved_pictures_are_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"picture{suffix}"
    save(Image.new("RGB", (30, 20), RED), path)
    with Image.open(path) as image:
        assert image.size == (30, 20)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_an_existing_picture_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"mine")
    with pytest.raises(InputError, match="overwrite"):
        save(Image.new("RGB", (30, 20)), path)
    assert path.read_bytes() == b"mine"
    save(Image.new("RGB", (30, 20)), path, overwrite=True)
    assert path.read_bytes() != b"mine"


def test_an_unknown_picture_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"wanted \.png"):
        save(Image.new("RGB", (30, 20)), tmp_path / "picture.docx")


@pytest.mark.usefixtures("drawing")
@pytest.mark.parametrize("view", ["oblique", "top", "side"])
def test_outliers_far_away_leave_the_picture_as_it_is(view: View) -> None:
    xyz, colours = scene((691_000, 5_334_000, 500))
    random = np.random.default_rng(0)
    far = random.normal(size=(300, 3)) * 5e4 + (691_000, 5_334_000, 500)
    both = np.concatenate([xyz, far, np.zeros((5, 3))])
    painted = np.concatenate([colours, np.zeros((305, 3), np.uint8)])
    whole = screenshot(xyz, colours, None, size=(300, 240), view=view)
    assert screenshot(both, painted, None, size=(300, 240), view=view).tobytes() == whole.tobytes()
