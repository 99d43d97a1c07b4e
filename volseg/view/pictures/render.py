"""Parts of a scene drawn by Open3D where nobody needs a display."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.view.camera import Camera, LocalFrame, View, add_corners, aim, place, point_size
from volseg.view.legend import PAPER
from volseg.view.scans.shading import shade
from volseg.view.scene import Mesh, Part, Points
from volseg.view.window.display import hidden_window, load_open3d

# Drawn twice as large and scaled down: edges become smooth.
OVERSAMPLING = 2
SMALLEST_POINT, LARGEST_POINT = 1.5, 12.0


def draw(
    parts: Sequence[Part],
    outline: NDArray[np.float64],
    size: tuple[int, int],
    view: View,
    heading: float | None = None,
) -> tuple[Image.Image, int]:
    """The bare picture of the parts, and how many points of their outline lie outside of it.

    Args:
        parts: what to draw.
        outline: float64 (n, 3), n at least 1; what the camera must frame, z up.
        size: width and height in pixels.
        view: where to look from.
        heading: where the picture's right points to; None for the best.

    Raises:
        DisplayError: if this machine cannot draw.
    """
    frame = LocalFrame.around(outline)
    local = frame.to_local(outline)
    camera = aim(local, view, size, heading)
    (image,) = render(parts, frame, [camera])
    places = camera.project(local)
    return image, int((~((places >= 0) & (places <= size)).all(axis=1)).sum())


def render(
    parts: Sequence[Part], frame: LocalFrame, cameras: Sequence[Camera]
) -> Iterator[Image.Image]:
    """Pictures of the parts, one a camera, all of one size.

    Args:
        parts: what to draw.
        frame: from the parts' coordinates to the cameras'.
        cameras: where to look from, in the frame's local coordinates.

    Raises:
        DisplayError: if this machine cannot draw.
    """
    width, height = cameras[0].size
    large = [enlarged(camera) for camera in cameras]
    with hidden_window(*large[0].size) as window:
        set_up(window)
        for part in parts:
            if len(part.xyz):
                window.add_geometry(to_open3d(part, frame))
        window.get_render_option().point_size = dot(
            parts, frame, large[0], SMALLEST_POINT * OVERSAMPLING, LARGEST_POINT * OVERSAMPLING
        )
        for camera in large:
            place(window, camera)
            image = np.asarray(window.capture_screen_float_buffer(True))
            depth = np.asarray(window.capture_depth_float_buffer(True))
            shaded = shade(image, depth, camera.focal, reach=OVERSAMPLING)
            eight_bit = np.rint(np.clip(shaded, 0.0, 1.0) * 255).astype(np.uint8)
            yield Image.fromarray(eight_bit).resize((width, height), Image.Resampling.BOX)


def enlarged(camera: Camera) -> Camera:
    """The camera that draws as large as `render` does."""
    width, height = camera.size
    size = width * OVERSAMPLING, height * OVERSAMPLING
    return Camera(camera.rotation, camera.position, camera.focal * OVERSAMPLING, size)


def set_up(window: Any) -> None:
    """Give an Open3D window white paper, colours as they are, and an extent from -1 to 1."""
    options = window.get_render_option()
    options.background_color = np.array(PAPER) / 255.0
    options.light_on = False
    options.mesh_show_back_face = True
    add_corners(window)


def dot(
    parts: Sequence[Part], frame: LocalFrame, camera: Camera, smallest: float, largest: float
) -> float:
    """The side of a point in pixels, so that the points among the parts close."""
    points = [part.xyz for part in parts if isinstance(part, Points) and len(part.xyz)]
    if not points:
        return smallest
    return point_size(camera, frame.to_local(np.vstack(points)), smallest, largest)


def to_open3d(part: Part, frame: LocalFrame) -> Any:
    """The part as Open3D draws it, in the frame's local coordinates."""
    open3d = load_open3d()
    xyz = open3d.utility.Vector3dVector(frame.to_local(part.xyz))
    if isinstance(part, Mesh):
        made = open3d.geometry.TriangleMesh(xyz, open3d.utility.Vector3iVector(part.triangles))
        made.vertex_colors = open3d.utility.Vector3dVector(_fractions(part.colours))
    else:
        made = open3d.geometry.PointCloud(xyz)
        made.colors = open3d.utility.Vector3dVector(_fractions(part.colours))
    return made


def _fractions(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray(colours / 255.0)
