"""One Open3D window: what it draws, where from, and the panel over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.view.camera import Camera, LocalFrame, place
from volseg.view.pictures.render import dot, set_up, to_open3d
from volseg.view.scene import Part
from volseg.view.window.display import load_open3d
from volseg.view.window.navigation import resize, unproject
from volseg.view.window.overlay import EDGE, Overlay

LARGEST_POINT = 12.0
# What is nearer to the camera than this share of the way to what it looks at is cut off.
NEAREST = 0.02
# How far beside a thin point one may click, in pixels.
AIM = 4


class Pane:
    """A window over parts of a scene; it may be hidden, for tests."""

    def __init__(self, window: Any, frame: LocalFrame) -> None:
        self._window, self._frame = window, frame
        self._drawn: list[Any] = []
        self._panel: Any = None
        set_up(window)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what it draws, in pixels."""
        pose = self._window.get_view_control().convert_to_pinhole_camera_parameters()
        return int(pose.intrinsic.width), int(pose.intrinsic.height)

    def show(self, parts: Sequence[Part], camera: Camera) -> None:
        """Draw these parts and nothing else; points close as seen by the camera."""
        for geometry in self._drawn:
            self._window.remove_geometry(geometry, False)
        self._drawn = [to_open3d(part, self._frame) for part in parts if len(part.xyz)]
        for geometry in self._drawn:
            self._window.add_geometry(geometry, False)
        size = dot(parts, self._frame, resize(camera, self.size), 1.0, LARGEST_POINT)
        self._window.get_render_option().point_size = size

    def look(self, camera: Camera, distance: float, overlay: Overlay) -> None:
        """Look from a camera at something so far away, with a panel in the upper left corner."""
        camera = resize(camera, self.size)
        place(self._window, camera, NEAREST * distance)
        if self._panel is not None:
            self._window.remove_geometry(self._panel, False)
        self._panel = _quad(overlay.image, camera, 1.05 * NEAREST * distance)
        self._window.add_geometry(self._panel, False)

    def picture(self) -> Image.Image:
        """What is seen now."""
        buffer = np.asarray(self._window.capture_screen_float_buffer(True))
        return Image.fromarray(np.rint(buffer * 255).astype(np.uint8))

    def place_at(self, camera: Camera, pixel: tuple[float, float]) -> NDArray[np.float64] | None:
        """What lies at or near a pixel, (3,) in the frame, or None for nothing."""
        depth = np.asarray(self._window.capture_depth_float_buffer(True))
        right, down = (round(edge) for edge in pixel)
        top, left = max(0, down - AIM), max(0, right - AIM)
        near = depth[top : down + AIM + 1, left : right + AIM + 1]
        if not near.any():
            return None
        row, column = np.unravel_index(np.argmin(np.where(near > 0, near, np.inf)), near.shape)
        seen = (left + column + 0.5, top + row + 0.5)  # a pixel is seen at its middle
        return unproject(resize(camera, self.size), seen, float(near[row, column]))


def _quad(image: Image.Image, camera: Camera, depth: float) -> Any:
    """A picture as Open3D draws it: upright before the camera, pixel for pixel."""
    open3d = load_open3d()
    right, down = EDGE + image.width, EDGE + image.height
    ends = ((EDGE, EDGE), (right, EDGE), (right, down), (EDGE, down))
    corners = np.array([unproject(camera, end, depth) for end in ends])
    quad = open3d.geometry.TriangleMesh(
        open3d.utility.Vector3dVector(corners),
        open3d.utility.Vector3iVector(np.array([[0, 1, 2], [0, 2, 3]])),
    )
    places = np.array([[0, 0], [1, 0], [1, 1], [0, 0], [1, 1], [0, 1]], dtype=np.float64)
    quad.triangle_uvs = open3d.utility.Vector2dVector(places)
    quad.triangle_material_ids = open3d.utility.IntVector([0, 0])
    quad.textures = [open3d.geometry.Image(np.ascontiguousarray(image))]
    return quad
