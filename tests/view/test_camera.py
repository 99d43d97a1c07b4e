from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.view.camera import LocalFrame, View, aim, point_size

VIEWS: list[View] = ["oblique", "top", "side"]


def box(sides: tuple[float, float, float], n: int = 500, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, 3)) * sides


def local(points: np.ndarray) -> np.ndarray:
    return LocalFrame.around(points).to_local(points)


@settings(max_examples=60, deadline=None)
@given(
    sides=st.tuples(*[st.floats(0.0, 1000.0)] * 3),
    view=st.sampled_from(VIEWS),
    size=st.sampled_from([(800, 500), (300, 900), (1000, 200)]),
)
def test_the_whole_cloud_is_framed_tightly(
    sides: tuple[float, float, float], view: View, size: tuple[int, int]
) -> None:
    points = local(box(sides))
    places = aim(points, view, size).project(points) / size
    assert places.min() >= 0
    assert places.max() <= 1
    if view == "oblique" and max(sides) > 0:
        assert np.ptp(places, axis=0).max() > 0.9


@pytest.mark.parametrize("view", VIEWS)
def test_one_point_is_in_the_middle(view: View) -> None:
    camera = aim(np.zeros((1, 3)), view, (640, 480))
    assert camera.project(np.zeros((1, 3))) == pytest.approx(np.array([[320.0, 240.0]]))


@pytest.mark.parametrize("view", ["oblique", "side"])
def test_up_is_up(view: View) -> None:
    points = box((10, 10, 10))
    camera = aim(points, view, (640, 480))
    low, high = camera.project(np.array([[5.0, 5, 0], [5.0, 5, 10]]))
    assert high[1] < low[1]


def test_a_plan_has_north_up_and_east_right() -> None:
    camera = aim(box((10, 10, 1)), "top", (640, 480))
    origin, east, north = camera.project(np.array([[5.0, 5, 0], [6, 5, 0], [5, 6, 0]]))
    assert east[0] > origin[0]
    assert north[1] < origin[1]


@pytest.mark.parametrize("turn", [0.0, 0.4, 1.2, 2.0])
def test_a_section_looks_at_the_longer_side(turn: float) -> None:
    points = box((100, 5, 5), 2000)
    cos, sin = np.cos(turn), np.sin(turn)
    points[:, :2] = points[:, :2] @ np.array([[cos, sin], [-sin, cos]])
    camera = aim(points, "side", (1000, 300))
    spread = np.ptp(camera.project(points), axis=0)
    assert spread[0] > 10 * spread[1]


def test_the_viewer_stands_where_the_scene_rises() -> None:
    slope = box((40, 40, 0))
    for sign in (1.0, -1.0):
        slope[:, 2] = sign * slope[:, 1]
        forward = aim(slope, "oblique", (640, 480)).rotation[2]
        assert np.sign(forward[1]) == sign


def test_a_few_far_strays_do_not_shrink_the_scene() -> None:
    scene = box((10, 10, 2), 20_000)
    strays = np.array([[500.0, 0, 0], [0, 0, 900.0]])
    places = aim(np.vstack([scene, strays]), "oblique", (800, 600)).project(scene) / (800, 600)
    assert np.ptp(places, axis=0).max() > 0.8
    assert ((places > 0) & (places < 1)).all(axis=1).mean() > 0.99


def test_millions_of_metres_keep_every_digit() -> None:
    offset = np.array([4_500_000.0, 5_400_000.0, 0.0])
    points = np.round(box((50, 50, 5)) * 1024) / 1024
    assert (local(points + offset) == local(points)).all()


def test_denser_clouds_are_drawn_with_smaller_points() -> None:
    sizes = []
    for n in (100, 10_000, 1_000_000):
        points = local(box((10, 10, 0), n))
        camera = aim(points, "top", (800, 600))
        sizes.append(point_size(camera, points, 1.0, 100.0))
    assert sizes[0] > sizes[1] > sizes[2]
    assert sizes[1] == pytest.approx(2 * np.sqrt(0.85 * 600 * 600 / 10_000), rel=0.3)


def test_what_lies_behind_the_camera_is_nowhere() -> None:
    camera = aim(box((1, 1, 1)), "side", (640, 480))
    behind = camera.position - camera.rotation[2]
    assert np.isnan(camera.project(behind[None])).all()
