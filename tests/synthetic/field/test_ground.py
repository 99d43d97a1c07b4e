"""The carpet is where a ray that falls on it says."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.field.camera import look
from volseg.synthetic.field.canvas import FieldLabel
from volseg.synthetic.field.ground import draw_pitch, paint_ground


def test_lines_lie_where_the_rules_put_them() -> None:
    rng = np.random.default_rng(0)
    pitch = draw_pitch(rng)
    camera = look(np.array([-2.0, 0.0, 1.0]), 0.0, 0.3, 0.0, 1.2, (320, 240))
    colours, labels = paint_ground(rng, camera, pitch)
    assert colours.shape == (240, 320, 3)
    places = np.array([(0, 0.3, 0), (pitch.circle, 0, 0), (-0.5, 0.2, 0), (-1.0, 0, 0)])
    places[2:, 1] = 0.1
    (columns, rows), _ = camera.project(places)[0].T.astype(int), None
    wanted = [FieldLabel.LINE, FieldLabel.LINE, FieldLabel.FIELD]
    assert labels[rows[:3], columns[:3]].tolist() == wanted


def test_the_sky_is_no_field() -> None:
    rng = np.random.default_rng(1)
    camera = look(np.array([0.0, 0.0, 0.5]), 0.0, -0.6, 0.0, 0.8, (64, 48))
    _, labels = paint_ground(rng, camera, draw_pitch(rng))
    assert not labels.any()
