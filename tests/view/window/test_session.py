"""What the window does, on windows that nobody sees."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from volseg.errors import DisplayError
from volseg.geometry import LabelClass, LabelMap, PointCloud
from volseg.view import Look, show
from volseg.view.scans.scene import ScanScene
from volseg.view.window.display import hidden_window
from volseg.view.window.session import Session, _next_free

LEFT, RIGHT, CTRL = 0, 1, 2
RED, BLUE, WRONG = (200, 30, 30), (30, 30, 200), (214, 26, 26)
LABELS = LabelMap((LabelClass("west", (1,), "#C81E1E"), LabelClass("east", (2,), "#1E1EC8")))


def scene() -> ScanScene:
    """Two boxes, 1 in the west and 2 in the east; a part of the east is taken for west."""
    random = np.random.default_rng(0)
    west, east = random.random((4000, 3)) * 8, random.random((4000, 3)) * 8 + (24, 0, 0)
    xyz = np.vstack([west, east])
    truth = np.repeat([1, 2], 4000)
    guess = np.where(xyz[:, 0] > 31, 1, truth)
    cloud = PointCloud(xyz + 5e6, {"intensity": np.arange(8000)}, guess)
    return ScanScene("boxes", cloud, truth=truth, labels=LABELS, most=10**6)


class Open:
    """A session, what it said, and what its windows show."""

    def __init__(self, windows: list[Any], folder: Path) -> None:
        self.said: list[str] = []
        self.session = Session(scene(), Look("class"), windows, self.said.append, folder / "v.png")

    def pixels(self, pane: int = 0) -> NDArray[np.int64]:
        return np.asarray(self.session.panes[pane].picture()).astype(np.int64)

    def middle(self, colour: tuple[int, int, int], pane: int = 0) -> tuple[float, float]:
        """Where a colour is in the scene, right and down on average."""
        shown = (self.pixels(pane) == colour).all(axis=2)
        shown[:150, :160] = False  # the panel
        rows, columns = np.nonzero(shown)
        assert len(rows) > 20, f"{colour} is not in the scene"
        return float(columns.mean()), float(rows.mean())

    def has(self, colour: tuple[int, int, int], pane: int = 0) -> bool:
        shown = (self.pixels(pane) == colour).all(axis=2)
        shown[:150, :160] = False
        return bool(shown.sum() > 20)

    def click(self, right: float, down: float, pane: int = 0) -> None:
        self.session.move(right, down)
        self.session.button(LEFT, True, 0, pane)
        self.session.button(LEFT, False, 0, pane)

    def drag(self, right: float, down: float, button: int = LEFT, modifiers: int = 0) -> None:
        self.session.move(300, 200)
        self.session.button(button, True, modifiers, 0)
        self.session.move(300 + right, 200 + down)
        self.session.button(button, False, modifiers, 0)


def opened(folder: Path, many: int) -> Iterator[Open]:
    with ExitStack() as stack:
        windows = [stack.enter_context(hidden_window(640, 420)) for _ in range(many)]
        yield Open(windows, folder)


@pytest.fixture
def one(drawing: None, tmp_path: Path) -> Iterator[Open]:
    yield from opened(tmp_path, 1)


@pytest.fixture
def two(drawing: None, tmp_path: Path) -> Iterator[Open]:
    yield from opened(tmp_path, 2)


@pytest.mark.usefixtures("drawing")
def test_without_a_display_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("macOS and Windows always have a display")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    said: list[str] = []
    with pytest.raises(DisplayError, match="--screenshot"):
        show(scene(), Look("class"), say=said.append)
    assert not said  # no keys of a window that is not there


def test_classes_stand_where_they_belong_and_in_the_panel(one: Open) -> None:
    assert one.middle(RED)[0] < one.middle(BLUE)[0]
    panel = one.pixels()[:150, :160]
    assert (panel == RED).all(axis=2).any()
    assert (panel == BLUE).all(axis=2).any()
    assert (panel == 255).all(axis=2).mean() > 0.5


def test_keys_choose_what_gives_the_colours(one: Open) -> None:
    assert not one.has(WRONG)
    one.session.press("E")
    assert one.has(WRONG)
    one.session.press("H")
    assert not one.has(WRONG)
    one.session.press("P")  # there is no confidence
    assert one.session.look.mode == "height"


def test_a_class_is_hidden_by_its_number_and_by_its_line_in_the_panel(one: Open) -> None:
    one.session.press("2")
    assert (one.has(RED), one.has(BLUE)) == (True, False)
    one.session.press("0")
    assert one.has(BLUE)
    layout = one.session._overlays[0].legend
    assert layout is not None
    one.click(40, 20 + layout.head + layout.row / 2)
    assert (one.has(RED), one.has(BLUE)) == (False, True)
    assert one.said == []


def test_the_worst_spot_comes_to_the_middle(one: Open) -> None:
    one.session.press("E")
    one.session.press("N")
    right, down = one.middle(WRONG)
    assert abs(right - 320) < 90
    assert abs(down - 210) < 90
    one.session.press("V")
    assert one.session.look.step is None


def test_a_click_on_a_point_tells_all_about_it(one: Open) -> None:
    columns = one.middle(BLUE)
    one.click(*columns)
    (text,) = one.said
    assert "class 2: east" in text
    assert "truth 2: east (right)" in text
    assert "intensity " in text


def test_a_click_beside_everything_tells_nothing(one: Open) -> None:
    one.click(635, 415)
    assert one.said == []


def test_dragging_turns_shifts_and_zooms_and_is_no_click(one: Open) -> None:
    before, camera = one.pixels(), one.session.camera
    one.drag(0, 0.1)
    one.said.clear()
    one.drag(90, 10)
    turned = one.session.camera
    assert not np.allclose(turned.rotation, camera.rotation)
    one.drag(40, 0, modifiers=CTRL)
    assert np.allclose(one.session.camera.rotation, turned.rotation)
    one.drag(40, 0, button=RIGHT)
    one.session.scroll(2)
    near, far = (np.linalg.norm(c.position) for c in (one.session.camera, camera))
    assert near < far
    assert one.said == []
    assert (one.pixels() != before).any()
    one.session.press("V")
    assert np.allclose(one.session.camera.position, camera.position)


def test_pictures_are_saved_under_free_names(one: Open, tmp_path: Path) -> None:
    one.session.press("S")
    one.session.press("S")
    assert one.said == [f"picture: {tmp_path / 'v.png'}", f"picture: {tmp_path / 'v-2.png'}"]
    with Image.open(tmp_path / "v-2.png") as image:
        pixels = np.asarray(image)
    assert pixels.shape[1] == 640
    assert (pixels == RED).all(axis=2).any()


def test_help_is_shown_and_gone(one: Open) -> None:
    def ink() -> int:
        return int((one.pixels()[:300, :400] == (33, 37, 41)).all(axis=2).sum())

    before = ink()
    one.session.press("F1")
    assert ink() > 3 * before
    one.session.press("F1")
    assert ink() == before


def test_prediction_and_truth_move_together(two: Open) -> None:
    two.session.press("N")
    assert two.session.panes[0].size == two.session.panes[1].size
    guess, truth = two.pixels(0), two.pixels(1)
    differs = (guess != truth).any(axis=2)
    assert (guess[differs] == RED).all(axis=1).any()  # the wrong part of the east
    assert (truth[differs] == BLUE).all(axis=1).any()
    drawn = [(one != 255).any(axis=2)[150:] for one in (guess, truth)]
    assert (drawn[0] == drawn[1]).all()
    two.drag(60, 0)
    drawn = [(two.pixels(k) != 255).any(axis=2)[150:] for k in (0, 1)]
    assert (drawn[0] == drawn[1]).all()
    two.click(*two.middle(BLUE, 1), pane=1)
    assert "truth 2" in two.said[0]


def test_the_next_free_name_leaves_pictures_alone(tmp_path: Path) -> None:
    path = tmp_path / "v.png"
    assert _next_free(path) == path
    path.touch()
    (tmp_path / "v-2.png").touch()
    assert _next_free(path) == tmp_path / "v-3.png"
