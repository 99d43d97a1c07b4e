"""Still pictures: the nearer point hides the farther one, wrong ones lie on top."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from volseg.report.scans.poster import data_uri, draw
from volseg.view.camera import aim

RED, BLUE = (200, 0, 0), (0, 0, 200)
COLOURS = np.array([RED, BLUE], dtype=np.uint8)
# From above: the second point lies exactly under the first.
STACK = np.array([[0.0, 0.0, 0.5], [0.0, 0.0, -0.5]])
CORNERS = np.array([[-1.0, -1.0, 0.0], [1.0, 1.0, 0.0]])


def middle(on_top: list[bool] | None) -> tuple[int, ...]:
    camera = aim(CORNERS, "top", (41, 41))
    wanted = None if on_top is None else np.array(on_top)
    image = draw(STACK, camera, COLOURS, 3, wanted)
    assert image.getpixel((0, 0)) == (255, 255, 255)
    return tuple(np.asarray(image)[20, 20].tolist())


def test_nearer_points_hide_farther_ones() -> None:
    assert middle(None) == RED


def test_points_on_top_are_never_hidden() -> None:
    assert middle([False, True]) == BLUE
    assert middle([True, False]) == RED


def test_a_picture_keeps_its_colours_in_the_page() -> None:
    camera = aim(CORNERS, "top", (40, 40))
    image = draw(STACK, camera, COLOURS, 5)
    kept = Image.open(io.BytesIO(base64.b64decode(data_uri(image).split(",")[1])))
    assert (np.asarray(kept.convert("RGB")) == np.asarray(image)).all()
