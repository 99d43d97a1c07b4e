"""The three layers are painted in step."""

from __future__ import annotations

import numpy as np

from tests.synthetic.field.stage import stage
from volseg.synthetic.field.canvas import FieldLabel


def test_what_is_nearer_hides_what_is_farther() -> None:
    canvas = stage()
    far, near = canvas.new_object(), canvas.new_object()
    canvas.limb([(3, 0, 0.3), (3, 0, 0.9)], (0.2, 0.2), (255, 0, 0), FieldLabel.ROBOT, far)
    canvas.limb([(2, 0, 0.5), (2, 0, 0.5)], (0.1, 0.1), (0, 0, 255), FieldLabel.BALL, near)
    labels, objects = np.asarray(canvas.labels), np.asarray(canvas.objects)
    np.testing.assert_array_equal(objects == near, labels == FieldLabel.BALL)
    np.testing.assert_array_equal(objects == far, labels == FieldLabel.ROBOT)
    painted = (np.asarray(canvas.colours) != 90).any(axis=-1)
    np.testing.assert_array_equal(painted, labels > 0)


def test_what_is_behind_the_camera_is_not_painted() -> None:
    canvas = stage()
    canvas.limb([(-1, 0, 0), (1, 0, 0)], (0.1, 0.1), (0, 0, 0), FieldLabel.GOAL, 1)
    canvas.thread([(-1, 0, 0), (1, 0, 0)], (0, 0, 0))
    assert not np.asarray(canvas.labels).any()
    assert (np.asarray(canvas.colours) == 90).all()


def test_one_sees_through_threads() -> None:
    canvas = stage()
    canvas.thread([(2, -0.5, 0.5), (2, 0.5, 0.5)], (250, 250, 250))
    assert (np.asarray(canvas.colours) == 250).any()
    assert not np.asarray(canvas.labels).any()
