"""Where to stand to see a whole cloud, and how large its points must be to close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from volseg.view.display import load_open3d

View = Literal["oblique", "top", "side"]

MARGIN = 0.96
STRAYS = 0.0005
WORTHWHILE = 0.8
TURN, DOWN = np.deg2rad(25.0), np.deg2rad(35.0)
# Narrow for plans and sections, which ought to be nearly parallel.
FIELD_OF_VIEW = {"oblique": 40.0, "top": 10.0, "side": 10.0}


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera; axes x right, y down, z forward.

    Attributes:
        rotation: float64 (3, 3), rows are the camera's axes in the cloud's frame.
        position: float64 (3,), in the cloud's frame.
        focal: focal length in pixels.
        size: width and height in pixels.
    """

    rotation: NDArray[np.float64]
    position: NDArray[np.float64]
    focal: float
    size: tuple[int, int]

    @property
    def extrinsic(self) -> NDArray[np.float64]:
        """Cloud to camera, float64 (4, 4)."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = -self.rotation @ self.position
        return matrix

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixel coordinates (right, down) of points, float64 (N, 2); NaN behind the camera."""
        local = (points - self.position) @ self.rotation.T
        forward = np.where(local[:, 2:] > 0, local[:, 2:], np.nan)
        return self.focal * local[:, :2] / forward + np.array(self.size) / 2


def aim(points: NDArray[np.float64], view: View, size: tuple[int, int]) -> Camera:
    """The camera that just frames the points, float64 (N, 3), N at least 1, z up.

    A few far strays, at most `STRAYS` of the points at each edge, stay outside where framing them
    would make everything else much smaller.
    """
    rotation = _rotation(points, view)
    width, height = size
    slope = float(np.tan(np.deg2rad(FIELD_OF_VIEW[view]) / 2))
    local = points @ rotation.T
    sample = local[:: 1 + len(local) // 100_000]
    slopes = (slope * MARGIN * width / height, slope * MARGIN)
    whole, core = _stand(local, slopes, 1.0), _stand(sample, slopes, 1.0 - STRAYS)
    closer = (core[2] - local[:, 2].mean()) / (whole[2] - local[:, 2].mean() or 1.0)
    position = core if closer < WORTHWHILE else whole
    return Camera(rotation, position @ rotation, height / 2 / slope, size)


def to_local(xyz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates from -1 to 1 about the middle of the cloud, float64 (N, 3).

    The origin goes while they are float64, because graphics cards calculate in float32.
    """
    local: NDArray[np.float64] = xyz - (xyz.min(axis=0) + xyz.max(axis=0)) / 2
    local /= float(np.abs(local).max()) or 1.0
    return local


def place(window: Any, camera: Camera) -> None:
    """Makes an Open3D window look through the camera at points from -1 to 1."""
    open3d = load_open3d()
    # Open3D divides by the extent of what it shows, which one point has not: two unseen corners.
    corners = open3d.utility.Vector3dVector(np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]]))
    window.add_geometry(open3d.geometry.LineSet(corners, open3d.utility.Vector2iVector()))
    width, height = camera.size
    pose = open3d.camera.PinholeCameraParameters()
    pose.intrinsic = open3d.camera.PinholeCameraIntrinsic(
        width, height, camera.focal, camera.focal, width / 2 - 0.5, height / 2 - 0.5
    )
    pose.extrinsic = camera.extrinsic
    window.get_view_control().convert_from_pinhole_camera_parameters(pose, True)


def point_size(
    camera: Camera, points: NDArray[np.float64], smallest: float, largest: float
) -> float:
    """Side of a square in pixels with which most surfaces close, within limits."""
    cell = max(1, max(camera.size) // 100)
    across, down = camera.size[0] // cell, camera.size[1] // cell
    places = camera.project(points)
    seen = ((places >= 0) & (places < (across * cell, down * cell))).all(axis=1)
    pixels = places[seen].astype(np.int64)
    taken = np.zeros((down * cell, across * cell), dtype=bool)
    taken[pixels[:, 1], pixels[:, 0]] = True
    counts = taken.reshape(down, cell, across, cell).sum(axis=(1, 3))
    # n points scattered over a cell leave 2 % of it open when drawn 2 * cell / sqrt(n) wide
    # (exp(-4)); the median cell decides: mobile scans are far denser near their track.
    wanted = 2.0 * cell / np.sqrt(np.median(counts[counts > 0])) if counts.any() else largest
    return float(np.clip(wanted, smallest, largest))


def _stand(
    local: NDArray[np.float64], slopes: tuple[float, float], share: float
) -> NDArray[np.float64]:
    """Where to stand, in camera axes, to have that share of the points inside each edge."""
    forward = local[:, 2]
    position = np.zeros(3)
    nearest, farthest = (float(end) for end in np.quantile(forward, (1.0 - share, share)))
    back = [0.05 * (farthest - nearest or 1.0) - nearest]
    for axis, slope in enumerate(slopes):
        low = float(np.quantile(-local[:, axis] - slope * forward, share))
        high = float(np.quantile(local[:, axis] - slope * forward, share))
        # Both edges of a frame that opens with `slope` touch the points from here.
        position[axis] = (high - low) / 2
        back.append((low + high) / (2 * slope))
    position[2] = -max(back)
    return position


def _rotation(points: NDArray[np.float64], view: View) -> NDArray[np.float64]:
    """Rows right, down and forward of the camera."""
    if view == "top":
        return np.array([[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]])
    turn, down = (TURN, DOWN) if view == "oblique" else (0.0, 0.0)
    along = _long_axis(points[:, :2])
    east = np.arctan2(along[1], along[0])
    level = _rising(points, [east + turn, east - turn, east + turn + np.pi, east - turn + np.pi])
    right = np.array([level[1], -level[0], 0.0])
    forward = np.cos(down) * level - np.array([0.0, 0.0, np.sin(down)])
    return np.stack([right, np.cross(forward, right), forward])


def _rising(points: NDArray[np.float64], headings: list[float]) -> NDArray[np.float64]:
    """The level direction, (3,), along which the scene rises: walls then hide least.

    Of directions about as good, the earlier one; `headings` are those of the picture's right.
    """
    levels = np.array([[-np.sin(angle), np.cos(angle), 0.0] for angle in headings])
    away = (points - points.mean(axis=0)) @ levels.T
    height = points[:, 2] - points[:, 2].mean()
    scale = np.sqrt((away**2).sum(axis=0) * (height**2).sum())
    rise = (away * height[:, None]).sum(axis=0) / np.where(scale > 0, scale, 1.0)
    best: NDArray[np.float64] = levels[int(np.argmax(rise > rise.max() - 0.05))]
    return best


def _long_axis(plan: NDArray[np.float64]) -> NDArray[np.float64]:
    """The horizontal direction the cloud extends along, with no part towards the west."""
    spread, axes = np.linalg.eigh(np.cov(plan.T)) if len(plan) > 1 else (np.zeros(2), np.eye(2))
    square = spread[1] < 1.5 * spread[0] or spread[1] == 0.0  # then keep to the map's axes
    along: NDArray[np.float64] = np.array([1.0, 0.0]) if square else axes[:, 1]
    eastward = along[0] > 1e-9 or (abs(along[0]) <= 1e-9 and along[1] > 0)
    return along if eastward else -along
