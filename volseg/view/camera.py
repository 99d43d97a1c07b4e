"""Where to stand to see a whole cloud, and how large its points must be to close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from volseg.view.window.display import load_open3d

View = Literal["oblique", "top", "side"]

MARGIN = 0.96
STRAYS = 0.0005
WORTHWHILE = 0.8
TURN = float(np.deg2rad(25.0))
DOWN_BY = {"oblique": float(np.deg2rad(35.0)), "top": float(np.pi / 2), "side": 0.0}
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


@dataclass(frozen=True, eq=False)
class LocalFrame:
    """Coordinates from -1 to 1 about the middle of a scene, and the way back.

    The origin goes while they are float64, because graphics cards calculate in float32.

    Attributes:
        middle: float64 (3,), what becomes 0.
        scale: the length that becomes 1.
    """

    middle: NDArray[np.float64]
    scale: float

    @classmethod
    def around(cls, xyz: NDArray[np.float64]) -> LocalFrame:
        """The frame of points, float64 (N, 3), N at least 1."""
        low, high = xyz.min(axis=0), xyz.max(axis=0)
        middle = (low + high) / 2
        return cls(middle, float(np.maximum(high - middle, middle - low).max()) or 1.0)

    def to_local(self, xyz: NDArray[np.float64]) -> NDArray[np.float64]:
        """World to local coordinates, (..., 3)."""
        return np.asarray((xyz - self.middle) / self.scale)

    def to_world(self, xyz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Local to world coordinates, (..., 3)."""
        return np.asarray(xyz * self.scale + self.middle)


def aim(
    points: NDArray[np.float64], view: View, size: tuple[int, int], heading: float | None = None
) -> Camera:
    """The camera that just frames the points, float64 (N, 3), N at least 1, z up.

    A few far strays, at most `STRAYS` of the points at each edge, stay outside where framing them
    would make everything else much smaller.

    Args:
        points: what to frame.
        view: ``oblique`` and ``side`` look at the longer side, ``top`` has +y up.
        size: width and height in pixels.
        heading: where the picture's right points to, radians from +x; None for the best.
    """
    rotation = _rotation(points, view) if heading is None else facing(heading, DOWN_BY[view])
    return fit(points, rotation, size, FIELD_OF_VIEW[view])


def fit(
    points: NDArray[np.float64],
    rotation: NDArray[np.float64],
    size: tuple[int, int],
    field_of_view: float,
) -> Camera:
    """The camera of that direction and vertical opening, degrees, that frames the points."""
    width, height = size
    slope = float(np.tan(np.deg2rad(field_of_view) / 2))
    local = points @ rotation.T
    sample = local[:: 1 + len(local) // 100_000]
    slopes = (slope * MARGIN * width / height, slope * MARGIN)
    whole, core = _stand(local, slopes, 1.0), _stand(sample, slopes, 1.0 - STRAYS)
    closer = (core[2] - local[:, 2].mean()) / (whole[2] - local[:, 2].mean() or 1.0)
    position = core if closer < WORTHWHILE else whole
    return Camera(rotation, position @ rotation, height / 2 / slope, size)


def core(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both corners, (3,), of the box around the points, float64 (N, 3), N at least 1.

    Along an axis where a few far strays make the box much longer they are left out.
    """
    sample = points[:: 1 + len(points) // 100_000]
    whole = points.min(axis=0), points.max(axis=0)
    most = np.quantile(sample, (STRAYS, 1.0 - STRAYS), axis=0)
    strays = most[1] - most[0] < WORTHWHILE * (whole[1] - whole[0])
    return np.where(strays, most[0], whole[0]), np.where(strays, most[1], whole[1])


def facing(heading: float, down: float) -> NDArray[np.float64]:
    """Rows right, down and forward of a camera that does not lean, float64 (3, 3).

    Args:
        heading: where the picture's right points to, radians from +x towards +y.
        down: how far it looks down, radians; negative looks up.
    """
    right = np.array([np.cos(heading), np.sin(heading), 0.0])
    level = np.array([-right[1], right[0], 0.0])
    forward = np.cos(down) * level - np.array([0.0, 0.0, np.sin(down)])
    return np.stack([right, np.cross(forward, right), forward])


def place(window: Any, camera: Camera, nearest: float | None = None) -> None:
    """Makes an Open3D window that has corners look through the camera at points from -1 to 1.

    Args:
        window: an Open3D visualizer to which `add_corners` was applied.
        camera: where to stand.
        nearest: what lies nearer to the camera is cut off; None for what Open3D takes.
    """
    open3d = load_open3d()
    width, height = camera.size
    pose = open3d.camera.PinholeCameraParameters()
    pose.intrinsic = open3d.camera.PinholeCameraIntrinsic(
        width, height, camera.focal, camera.focal, width / 2 - 0.5, height / 2 - 0.5
    )
    pose.extrinsic = camera.extrinsic
    control = window.get_view_control()
    if nearest is not None:
        control.set_constant_z_near(nearest)
        control.set_constant_z_far(float(np.linalg.norm(camera.position)) + 4.0)
    control.convert_from_pinhole_camera_parameters(pose, True)


def add_corners(window: Any) -> None:
    """Gives an Open3D window the extent from -1 to 1: one point, or none, has no extent."""
    open3d = load_open3d()
    corners = open3d.utility.Vector3dVector(np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]]))
    window.add_geometry(open3d.geometry.LineSet(corners, open3d.utility.Vector2iVector()))


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
        return facing(0.0, DOWN_BY[view])
    turn = TURN if view == "oblique" else 0.0
    along = _long_axis(points[:, :2])
    east = float(np.arctan2(along[1], along[0]))
    headings = [east + turn, east - turn, east + turn + np.pi, east - turn + np.pi]
    return facing(_rising(points, headings), DOWN_BY[view])


def _rising(points: NDArray[np.float64], headings: list[float]) -> float:
    """The heading of the picture's right with which the scene rises away: walls hide least.

    Of headings about as good, the earlier one.
    """
    levels = np.array([[-np.sin(angle), np.cos(angle), 0.0] for angle in headings])
    away = (points - points.mean(axis=0)) @ levels.T
    height = points[:, 2] - points[:, 2].mean()
    scale = np.sqrt((away**2).sum(axis=0) * (height**2).sum())
    rise = (away * height[:, None]).sum(axis=0) / np.where(scale > 0, scale, 1.0)
    return headings[int(np.argmax(rise > rise.max() - 0.05))]


def _long_axis(plan: NDArray[np.float64]) -> NDArray[np.float64]:
    """The horizontal direction the cloud extends along, with no part towards the west."""
    spread, axes = np.linalg.eigh(np.cov(plan.T)) if len(plan) > 1 else (np.zeros(2), np.eye(2))
    square = spread[1] < 1.5 * spread[0] or spread[1] == 0.0  # then keep to the map's axes
    along: NDArray[np.float64] = np.array([1.0, 0.0]) if square else axes[:, 1]
    eastward = along[0] > 1e-9 or (abs(along[0]) <= 1e-9 and along[1] > 0)
    return along if eastward else -along
