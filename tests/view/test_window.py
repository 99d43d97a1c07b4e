from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from volseg.errors import DisplayError, InputError
from volseg.view import Entry, Legend, show
from volseg.view.display import hidden_window, load_open3d
from volseg.view.window import _next_free, _Session

XYZ = np.random.default_rng(0).random((500, 3)) + 5e6


def views() -> dict[str, tuple[np.ndarray, Legend]]:
    def plain(colour: tuple[int, int, int]) -> tuple[np.ndarray, Legend]:
        rgb = np.tile(np.array([colour], np.uint8), (500, 1))
        return rgb, Legend("class", (Entry("all", colour),))

    return {"class": plain((255, 0, 0)), "height": plain((0, 0, 255))}


@pytest.mark.usefixtures("drawing")
def test_without_a_display_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("macOS and Windows always have a display")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(DisplayError, match="--screenshot"):
        show(XYZ, views())


def test_nothing_to_show_is_refused() -> None:
    with pytest.raises(InputError, match="500 points and 0 views"):
        show(XYZ, {})


@pytest.mark.usefixtures("drawing")
def test_keys_switch_views_and_save_pictures(tmp_path: Path) -> None:
    with hidden_window(1280, 800) as window:
        session = _Session(load_open3d(), window, XYZ, views(), "two views", tmp_path / "v.png")
        session.save(window)
        session.switch("height")(window)
        session.save(window)
    from PIL import Image

    for name, colour in (("v.png", (255, 0, 0)), ("v-2.png", (0, 0, 255))):
        pixels = np.asarray(Image.open(tmp_path / name))
        assert (pixels[:, :1280] == colour).all(axis=2).any(), "no points"
        assert (pixels[:, 1280:] == colour).all(axis=2).any(), "no legend"


def test_the_next_free_name_leaves_pictures_alone(tmp_path: Path) -> None:
    path = tmp_path / "v.png"
    assert _next_free(path) == path
    path.touch()
    (tmp_path / "v-2.png").touch()
    assert _next_free(path) == tmp_path / "v-3.png"
