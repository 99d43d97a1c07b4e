"""A camera as plotly has it: in units of the longest side of a scene, about its middle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.view.camera import Camera

OPENING = 45.0
"""What plotly's camera sees of the height, degrees."""


def plotly_camera(camera: Camera, pivot: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """A camera in a `LocalFrame`, which turns about a place, for plotly's ``layout.scene``.

    Args:
        camera: what opens as far as `OPENING`.
        pivot: float64 (3,), a place; what is turned about is the point before it.
    """
    forward = camera.rotation[2]
    distance = float((pivot - camera.position) @ forward)
    centre = camera.position + distance * forward
    up = -camera.rotation[1] if abs(forward[2]) > 0.999 else np.array([0.0, 0.0, 1.0])
    # The longest side is 1 to plotly, and 2 in a local frame.
    named = {"eye": camera.position / 2, "center": centre / 2, "up": up}
    return {name: dict(zip("xyz", vector.tolist(), strict=True)) for name, vector in named.items()}
