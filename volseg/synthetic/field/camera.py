"""The camera in a robot's head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RobotCamera:
    """A pinhole camera without distortion.

    ``place`` (3,) in metres, z up from the field; ``axes`` (3, 3), rows to the right, down and
    ahead; ``focal`` in pixels; ``size`` columns and rows.
    """

    place: Floats
    axes: Floats
    focal: float
    size: tuple[int, int]

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Columns and rows (N, 2) of points (N, 3), and how far ahead they are (N,), metres."""
        local = (points - self.place) @ self.axes.T
        depth = local[:, 2]
        safe = np.where(np.abs(depth) < 1e-6, 1e-6, depth)
        middle = np.array(self.size) / 2
        return local[:, :2] / safe[:, None] * self.focal + middle, depth

    def rays(self) -> Floats:
        """Unit vectors (rows, columns, 3), one a pixel."""
        columns, rows = self.size
        y, x = np.mgrid[:rows, :columns] + 0.5
        local = np.stack(
            ((x - columns / 2) / self.focal, (y - rows / 2) / self.focal, np.ones_like(x)), axis=-1
        )
        local /= np.linalg.norm(local, axis=-1, keepdims=True)
        rays: Floats = local @ self.axes
        return rays


def look(
    place: Floats, heading: float, pitch: float, roll: float, width: float, size: tuple[int, int]
) -> RobotCamera:
    """A camera that looks along a heading, down by a pitch, tilted by a roll; all in radians.

    Args:
        place: (3,), metres.
        heading: from the x axis towards the y axis.
        pitch: downwards.
        roll: clockwise.
        width: the angle of view from left to right.
        size: columns and rows.
    """
    ahead = np.array(
        [np.cos(heading) * np.cos(pitch), np.sin(heading) * np.cos(pitch), -np.sin(pitch)]
    )
    right = np.array([np.sin(heading), -np.cos(heading), 0.0])
    down = np.cross(ahead, right)
    turned = np.array(
        [
            np.cos(roll) * right + np.sin(roll) * down,
            np.cos(roll) * down - np.sin(roll) * right,
            ahead,
        ]
    )
    return RobotCamera(place, turned, size[0] / 2 / np.tan(width / 2), size)
