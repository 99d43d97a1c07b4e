"""Moving cameras: what stays in place, what comes nearer, what is in the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.view.camera import Camera, aim, facing
from volseg.view.window.navigation import (
    NEARER,
    approach,
    around,
    orbit,
    pan,
    resize,
    unproject,
    zoom,
)

SIZE = (640, 480)
ANGLES = st.floats(-3, 3)
PIVOT = np.array([0.2, -0.1, 0.3])


def camera(heading: float = 0.4, down: float = 0.5) -> Camera:
    rotation = facing(heading, down)
    return Camera(rotation, -4 * rotation[2], 600.0, SIZE)


@settings(max_examples=60, deadline=None)
@given(heading=ANGLES, down=ANGLES, turn=ANGLES, start=st.floats(-1.5, 1.5))
def test_what_is_turned_about_stays_in_the_picture_and_as_far(
    heading: float, down: float, turn: float, start: float
) -> None:
    before = camera(turn, start)
    after = orbit(before, PIVOT, heading, down)
    assert np.allclose(after.project(PIVOT[None]), before.project(PIVOT[None]), atol=1e-6)
    far = [np.linalg.norm(one.position - PIVOT) for one in (before, after)]
    assert far[0] == pytest.approx(far[1])
    assert np.allclose(after.rotation @ after.rotation.T, np.eye(3))
    assert after.rotation[0, 2] == 0  # it does not lean
    assert after.rotation[1, 2] < 0  # and up stays up


def test_a_whole_turn_comes_back() -> None:
    after = orbit(camera(), PIVOT, 2 * np.pi, 0.0)
    assert np.allclose(after.extrinsic, camera().extrinsic)


@given(right=st.floats(-200, 200), down=st.floats(-200, 200))
def test_shifting_moves_the_place_by_so_many_pixels(right: float, down: float) -> None:
    moved = pan(camera(), PIVOT, (right, down)).project(PIVOT[None])
    assert np.allclose(moved - camera().project(PIVOT[None]), (right, down), atol=1e-6)


def test_the_wheel_comes_nearer_and_goes_back() -> None:
    near = zoom(camera(), PIVOT, 3)
    ratio = np.linalg.norm(near.position - PIVOT) / np.linalg.norm(camera().position - PIVOT)
    assert ratio == pytest.approx(NEARER**3)
    assert np.allclose(zoom(near, PIVOT, -3).position, camera().position)


@pytest.mark.parametrize("radius", [0.001, 0.5])
def test_a_spot_comes_to_the_middle_whole(radius: float) -> None:
    near = approach(camera(), PIVOT, radius)
    assert np.allclose(near.project(PIVOT[None]), (320, 240))
    edge = near.project((PIVOT + radius * near.rotation[0])[None])[0]
    assert 60 < edge[0] - 320 < 240


@given(right=st.floats(0, 640), down=st.floats(0, 480), depth=st.floats(0.01, 10))
def test_a_pixel_and_its_depth_tell_the_place(right: float, down: float, depth: float) -> None:
    place = unproject(camera(), (right, down), depth)
    assert np.allclose(camera().project(place[None]), (right, down), atol=1e-6)
    assert (place - camera().position) @ camera().rotation[2] == pytest.approx(depth)


def test_a_larger_window_shows_as_much_from_top_to_bottom() -> None:
    large = resize(camera(), (1600, 960))
    assert large.size == (1600, 960)
    for place in (PIVOT, -PIVOT):
        before, after = (one.project(place[None])[0] for one in (camera(), large))
        assert after[1] / 960 == pytest.approx(before[1] / 480)
        assert after[0] - 800 == pytest.approx(2 * (before[0] - 320))


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 1000),
    sides=st.tuples(*[st.sampled_from([0.0, 0.3, 2.0])] * 3),
    size=st.sampled_from([(640, 480), (300, 700)]),
)
def test_all_points_are_in_every_picture_of_a_turn(
    seed: int, sides: tuple[float, float, float], size: tuple[int, int]
) -> None:
    points = np.random.default_rng(seed).random((200, 3)) * sides
    cameras = around(points, size, 7)
    assert len(cameras) == 7
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    far = [np.linalg.norm(one.position - middle) for one in cameras]
    assert np.allclose(far, far[0])
    for one in cameras:
        places = one.project(points)
        assert (places >= 0).all()
        assert (places <= size).all()


def test_a_turn_goes_round_once_in_equal_steps() -> None:
    points = np.random.default_rng(0).random((50, 3))
    headings = [
        np.arctan2(one.rotation[0, 1], one.rotation[0, 0]) for one in around(points, SIZE, 8)
    ]
    assert np.allclose(np.diff(np.unwrap(headings)), np.pi / 4)


def test_a_few_strays_do_not_make_a_turn_tiny() -> None:
    points = np.random.default_rng(0).random((20_000, 3))
    with_strays = np.vstack([points, [[900, 0, 0], [0, 0, -500]]])
    seen = around(with_strays, SIZE, 1)[0].project(points)
    assert np.ptp(seen[:, 0]) > 250


def test_an_aimed_camera_turns_as_well() -> None:
    points = np.random.default_rng(1).random((100, 3))
    for view in ("oblique", "side", "top"):
        turned = orbit(aim(points, view, SIZE), np.zeros(3), 0.3, -0.2)  # type: ignore[arg-type]
        assert np.isfinite(turned.extrinsic).all()
