"""Rays and projection are each other's inverse."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.synthetic.field.camera import look

ANGLES = st.floats(-0.5, 0.5)


@settings(max_examples=20, deadline=None)
@given(heading=st.floats(-3, 3), pitch=ANGLES, roll=ANGLES, away=st.floats(0.5, 9))
def test_a_point_on_a_ray_is_seen_in_its_pixel(
    heading: float, pitch: float, roll: float, away: float
) -> None:
    camera = look(np.array([1.0, -2.0, 0.6]), heading, pitch, roll, 1.1, (32, 24))
    points = camera.place + away * camera.rays().reshape(-1, 3)
    pixels, depth = camera.project(points)
    rows, columns = np.divmod(np.arange(32 * 24), 32)
    np.testing.assert_allclose(pixels, np.stack((columns, rows), 1) + 0.5, atol=1e-6)
    assert (depth > 0).all()


def test_level_cameras_see_up_above_down() -> None:
    camera = look(np.zeros(3), 0.3, 0.0, 0.0, 1.0, (32, 24))
    ahead = camera.axes[2]
    pixels, _ = camera.project(ahead + np.array([[0, 0, 0.1], [0, 0, -0.1]]))
    assert pixels[0, 1] < 12 < pixels[1, 1]
