"""Cameras for plotly: what is turned about lies where the camera looks."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.view.browser.plotly_camera import OPENING, plotly_camera
from volseg.view.camera import View, aim, fit

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)


@pytest.mark.parametrize("view", ["oblique", "top", "side"])
@pytest.mark.parametrize("pivot", [np.zeros(3), np.array([0.5, -0.2, 0.1])])
def test_a_camera_looks_along_its_axis_at_what_is_before_the_pivot(
    view: View, pivot: NDArray[np.float64]
) -> None:
    camera = fit(CUBE, aim(CUBE, view, (400, 300)).rotation, (400, 300), OPENING)
    placed = {
        name: np.array([*axes.values()]) for name, axes in plotly_camera(camera, pivot).items()
    }
    along = placed["center"] - placed["eye"]
    assert np.allclose(np.cross(along, camera.rotation[2]), 0, atol=1e-9)
    assert along @ camera.rotation[2] > 0
    # The pivot lies beside the centre, as far ahead of the camera.
    assert (pivot / 2 - placed["center"]) @ camera.rotation[2] == pytest.approx(0, abs=1e-9)
    assert abs(np.dot(placed["up"], along)) < np.linalg.norm(along)
