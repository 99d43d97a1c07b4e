"""Moving a camera: round a place, across the picture, nearer, to a spot, once around a scene."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from volseg.view.camera import DOWN_BY, FIELD_OF_VIEW, Camera, LocalFrame, core, facing, fit
from volseg.view.spots import Spot

STEEPEST = float(np.deg2rad(89.9))
NEARER = 0.85
# Share of the picture's height that a spot's box takes.
SHARE = 0.4
# The least and most a spot is taken for, as a share of the scene: the surroundings of a small one
# tell what went wrong, and none is seen from farther away than the whole.
SMALLEST_SPOT, LARGEST_SPOT = 0.02, 0.6
CORNERS = 128


def orbit(camera: Camera, pivot: NDArray[np.float64], heading: float, down: float) -> Camera:
    """The camera turned about a place that stays where it is in the picture.

    Args:
        camera: a camera that does not lean.
        pivot: float64 (3,), in the camera's world.
        heading: radians to go round to the right.
        down: radians to look more steeply down; past the vertical it stops.
    """
    right, forward = camera.rotation[0], camera.rotation[2]
    now = float(np.arctan2(right[1], right[0])), float(np.arcsin(np.clip(-forward[2], -1, 1)))
    steep = float(np.clip(now[1] + down, -STEEPEST, STEEPEST))
    rotation = facing(now[0] + heading, steep)
    local = camera.rotation @ (camera.position - pivot)
    return replace(camera, rotation=rotation, position=pivot + local @ rotation)


def pan(camera: Camera, pivot: NDArray[np.float64], pixels: tuple[float, float]) -> Camera:
    """The camera shifted so that the pivot moves right and down by so many pixels."""
    scale = _depth(camera, pivot) / camera.focal
    step = -scale * (pixels[0] * camera.rotation[0] + pixels[1] * camera.rotation[1])
    return replace(camera, position=camera.position + step)


def zoom(camera: Camera, pivot: NDArray[np.float64], steps: float) -> Camera:
    """The camera nearer to the pivot, by a constant factor a step."""
    position = pivot + (camera.position - pivot) * NEARER**steps
    return replace(camera, position=position)


def approach(camera: Camera, place: NDArray[np.float64], radius: float) -> Camera:
    """The camera of the same direction before a place; a ball around it fills `SHARE`."""
    distance = 2 * radius * camera.focal / (SHARE * min(camera.size))
    return replace(camera, position=place - distance * camera.rotation[2])


def spot_radius(spot: Spot, frame: LocalFrame) -> float:
    """How much to see of a spot, in the frame's coordinates."""
    return float(np.clip(spot.radius / frame.scale, SMALLEST_SPOT, LARGEST_SPOT))


def resize(camera: Camera, size: tuple[int, int]) -> Camera:
    """The camera with a picture of another size and the same vertical opening."""
    return replace(camera, size=size, focal=camera.focal * size[1] / camera.size[1])


def unproject(camera: Camera, pixel: tuple[float, float], depth: float) -> NDArray[np.float64]:
    """The place, float64 (3,), that is seen at a pixel (right, down) at a forward distance."""
    across = (np.array(pixel) - np.array(camera.size) / 2) * depth / camera.focal
    return np.asarray(camera.position + np.array([*across, depth]) @ camera.rotation)


def around(points: NDArray[np.float64], size: tuple[int, int], count: int) -> list[Camera]:
    """Cameras on a level circle about the middle of the points, all as far away as needed.

    Every point is in every picture, but for a few far strays (see `core`).

    Args:
        points: float64 (N, 3), N at least 1, z up.
        size: width and height of the pictures in pixels.
        count: how many pictures make one turn.
    """
    low, high = core(points)
    middle = (low + high) / 2
    # A cylinder around the points looks the same from all sides.
    turns = 2 * np.pi * np.arange(CORNERS) / CORNERS
    radius = np.linalg.norm(np.clip(points, low, high)[:, :2] - middle[:2], axis=1).max()
    circle = middle[:2] + radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    rims = [np.column_stack([circle, np.full(CORNERS, height)]) for height in (low[2], high[2])]
    first = fit(np.vstack(rims), facing(0.0, DOWN_BY["oblique"]), size, FIELD_OF_VIEW["oblique"])
    return [orbit(first, middle, 2 * np.pi * number / count, 0.0) for number in range(count)]


def _depth(camera: Camera, place: NDArray[np.float64]) -> float:
    return max(float((place - camera.position) @ camera.rotation[2]), 1e-9)
