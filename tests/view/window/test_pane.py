"""One window: it shows what was given last, and tells where a pixel lies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from volseg.view.camera import Camera, LocalFrame, aim
from volseg.view.scene import Mesh, Part, Points
from volseg.view.window.display import hidden_window
from volseg.view.window.overlay import EDGE, Overlay
from volseg.view.window.pane import AIM, Pane

RED, BLUE, GREEN = (200, 30, 30), (30, 30, 200), (20, 160, 40)
SIZE = (320, 240)
FRAME = LocalFrame(np.array([5e6, 4e6, 100.0]), 10.0)
CAMERA = aim(np.array([[-0.8, -0.8, -0.5], [0.8, 0.8, 0.5]]), "oblique", SIZE)
DISTANCE = float(np.linalg.norm(CAMERA.position))
PIXEL = DISTANCE / CAMERA.focal  # how much of the frame a pixel shows
PANEL = Overlay(Image.new("RGB", (40, 30), GREEN), None)


def points(places: NDArray[np.float64], colour: tuple[int, int, int] = RED) -> Points:
    """Points at places of the frame."""
    return Points(FRAME.to_world(places), np.tile(np.array(colour, np.uint8), (len(places), 1)))


def ball(colour: tuple[int, int, int], east: float) -> Points:
    random = np.random.default_rng(0)
    return points(random.normal(0, 0.08, (800, 3)) + (east, 0, 0), colour)


@pytest.fixture
def pane(drawing: None) -> Iterator[Pane]:
    with hidden_window(*SIZE) as window:
        yield Pane(window, FRAME)


def pixels(
    pane: Pane, parts: list[Part], camera: Camera = CAMERA, panel: Overlay = PANEL
) -> NDArray[np.uint8]:
    pane.show(parts, camera)
    pane.look(camera, DISTANCE, panel)
    return np.asarray(pane.picture())


def colours(image: NDArray[np.uint8]) -> set[tuple[int, ...]]:
    return {tuple(colour) for colour in np.unique(image.reshape(-1, 3), axis=0).tolist()}


def test_a_pane_is_as_large_as_its_window_and_its_picture(pane: Pane) -> None:
    assert pane.size == SIZE
    assert pixels(pane, []).shape == (SIZE[1], SIZE[0], 3)


def test_only_the_parts_given_last_are_shown(pane: Pane) -> None:
    alone = pixels(pane, [ball(BLUE, 0.4)])
    both = pixels(pane, [ball(RED, -0.4), ball(BLUE, 0.4)])
    assert colours(both) == {RED, BLUE, GREEN, (255, 255, 255)}
    assert (pixels(pane, [ball(BLUE, 0.4)]) == alone).all()
    assert colours(pixels(pane, [points(np.zeros((0, 3)))])) == {GREEN, (255, 255, 255)}


def test_the_panel_lies_in_its_corner_pixel_for_pixel(pane: Pane) -> None:
    random = np.random.default_rng(0)
    wanted = random.integers(0, 256, (30, 40, 3), np.uint8)
    for camera in (CAMERA, aim(np.eye(3), "top", SIZE)):
        panel = Overlay(Image.fromarray(wanted), None)
        image = pixels(pane, [ball(RED, 0.0)], camera, panel)
        assert (image[EDGE : EDGE + 30, EDGE : EDGE + 40] == wanted).mean() > 0.99


def test_only_the_panel_given_last_is_shown(pane: Pane) -> None:
    large = Overlay(Image.new("RGB", (90, 80), BLUE), None)
    before = pixels(pane, [])
    assert colours(pixels(pane, [], panel=large)) == {BLUE, (255, 255, 255)}
    assert (pixels(pane, []) == before).all()


def test_a_camera_of_another_size_shows_the_same(pane: Pane) -> None:
    parts: list[Part] = [ball(RED, -0.3), ball(BLUE, 0.3)]
    large = Camera(CAMERA.rotation, CAMERA.position, 2 * CAMERA.focal, (640, 480))
    assert (pixels(pane, parts) == pixels(pane, parts, large)).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_pixel_of_a_point_tells_its_place(pane: Pane, seed: int) -> None:
    place = np.random.default_rng(seed).uniform(-0.4, 0.4, (1, 3))
    pixels(pane, [points(place)])
    right, down = CAMERA.project(place)[0]
    seen = pane.place_at(CAMERA, (right, down))
    assert seen is not None
    # A point is drawn as a square of pixels: it is told to within that.
    assert np.linalg.norm(seen - place[0]) < 12 * PIXEL
    assert abs((seen - place[0]) @ CAMERA.rotation[2]) < 1e-3
    assert pane.place_at(CAMERA, (right + 3 * AIM, down - 3 * AIM)) is None


def test_of_what_lies_behind_each_other_the_nearest_is_told(pane: Pane) -> None:
    line = np.array([[-0.3], [0.0], [0.3]]) * CAMERA.rotation[2]
    for order in ([0, 1, 2], [2, 1, 0]):
        pixels(pane, [points(line[[row]]) for row in order])
        seen = pane.place_at(CAMERA, tuple(CAMERA.project(line[:1])[0]))
        assert seen is not None
        assert (seen - line[0]) @ CAMERA.rotation[2] == pytest.approx(0, abs=1e-3)


def test_a_mesh_is_found_wherever_it_is_seen(pane: Pane) -> None:
    corners = np.array([[-0.5, -0.5, 0], [0.5, -0.5, 0], [0.5, 0.5, 0], [-0.5, 0.5, 0]])
    mesh = Mesh(
        FRAME.to_world(corners), np.array([[0, 1, 2], [0, 2, 3]]), np.full((4, 3), 90, np.uint8)
    )
    pixels(pane, [mesh])
    for place in np.random.default_rng(0).uniform(-0.35, 0.35, (5, 3)) * (1, 1, 0):
        seen = pane.place_at(CAMERA, tuple(CAMERA.project(place[None])[0]))
        assert seen is not None
        assert abs(seen[2]) < 1e-3
        assert np.linalg.norm(seen - place) < 3 * AIM * PIXEL
