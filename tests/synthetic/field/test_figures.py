"""Figures stand where they are put, each one object."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.field.stage import stage
from volseg.synthetic.field.canvas import FieldLabel
from volseg.synthetic.field.figures import Painter, ball, goal, robot, spectator
from volseg.synthetic.field.ground import draw_pitch

RNG = np.random.default_rng(3)
PLACE = np.array([2.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("paint", "label"),
    [
        (robot(RNG, PLACE, 1.0), FieldLabel.ROBOT),
        (ball(RNG, PLACE), FieldLabel.BALL),
        (spectator(RNG, PLACE), FieldLabel.AUDIENCE),
        (goal(RNG, draw_pitch(RNG), 1), FieldLabel.GOAL),
    ],
)
def test_a_figure_is_one_object(paint: Painter, label: FieldLabel) -> None:
    canvas = stage()
    paint(canvas)
    labels, objects = np.asarray(canvas.labels), np.asarray(canvas.objects)
    assert set(np.unique(labels)) == {0, label}
    np.testing.assert_array_equal(objects == 1, labels == label)
    middle = np.flatnonzero((labels == label).any(axis=0)).mean()
    assert abs(middle - 80) < 25
