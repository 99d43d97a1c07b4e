"""Clouds drawn in parallel projection by NumPy alone: without OpenGL, and true to scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps

from volseg.errors import InputError
from volseg.view.camera import View, aim, core
from volseg.view.legend import INK, PAPER, font
from volseg.view.scans.shading import shade

OVERSAMPLING = 2
EDGE = 8
LEAST = (200, 48)
"""Width and height of a picture, at least."""
SMALLEST_POINT, LARGEST_POINT = 1.0, 8.0
"""Radius of a point, in pixels."""
CELL = 16
"""Side of the squares in which density is measured, in pixels."""
AWAY = 50.0
"""Distance of the eye for shading, in extents of the scene."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Which point of a cloud is seen where.

    Attributes:
        seen: int64 (H, W), row of the point seen in each pixel; -1 where none is.
        depth: float32 (H, W), forward distance; 0 where no point is.
        focal: pixels over the unit at that distance.
        metres: in a pixel of the picture painted.
    """

    seen: NDArray[np.int64]
    depth: NDArray[np.float32]
    focal: float
    metres: float

    def paint(self, colours: NDArray[np.uint8]) -> Image.Image:
        """The picture, with the colours of all points, uint8 (N, 3), shaded by depth."""
        drawn = self.seen >= 0
        pixels = np.where(drawn[..., None], colours[self.seen], np.uint8(PAPER[0]))
        light = pixels.astype(np.float32) / np.float32(255)
        shaded = shade(light, self.depth, self.focal, OVERSAMPLING)
        image = Image.fromarray(np.rint(np.clip(shaded, 0, 1) * 255).astype(np.uint8))
        return image.reduce(OVERSAMPLING)


def project(
    metres: NDArray[np.float64],
    view: View,
    most: tuple[int, int],
    on_top: NDArray[np.bool_] | None = None,
) -> Projection:
    """Looks at a whole cloud; far strays stay outside, as `camera.core` leaves them out.

    Args:
        metres: float64 (N, 3), z up.
        view: where from, as `camera.aim`.
        most: width and height the picture may have; one of them it has.
        on_top: bool (N,), points that are seen whatever lies before them.

    Raises:
        InputError: if there is no point.
    """
    if len(metres) == 0:
        raise InputError("there is no point to draw")
    centred = metres - metres.mean(axis=0)
    local = centred @ aim(centred, view, most).rotation.T
    low, high = core(local)
    extent = high - low
    pixel = float(max(extent[:2] / (np.array(most) - 2 * EDGE))) or 0.01
    size = np.maximum(np.ceil(extent[:2] / pixel - 1e-6).astype(int) + 2 * EDGE, LEAST)
    fine = pixel / OVERSAMPLING
    middle = (low + high)[:2] / 2
    places = np.floor((local[:, :2] - middle) / fine + size * OVERSAMPLING / 2).astype(np.int64)
    shape = (int(size[1]) * OVERSAMPLING, int(size[0]) * OVERSAMPLING)
    seen = _nearest(places, local[:, 2], shape)
    radius = _radius(seen)
    seen = _grown(seen, radius)
    if on_top is not None and on_top.any():
        rows = np.flatnonzero(on_top)
        above = _grown(_nearest(places[rows], local[rows, 2], shape), radius)
        seen = np.where(above >= 0, rows[above], seen)
    away = AWAY * float(extent.max() or pixel)
    forward = local[:, 2] - low[2] + away
    depth = np.where(seen >= 0, forward[seen], 0.0).astype(np.float32)
    return Projection(seen, depth, away / fine, pixel)


def draw_scale(image: Image.Image, metres: float, letters: float) -> Image.Image:
    """The picture with a strip below that holds a bar of a round length.

    Args:
        image: what stands above.
        metres: in a pixel of it.
        letters: height of letters in pixels.
    """
    strip = round(2.2 * letters)
    canvas = ImageOps.expand(image, (0, 0, 0, strip), PAPER)
    length = round_length(metres * image.width / 4)
    pen, middle = ImageDraw.Draw(canvas), image.height + strip // 2
    right = EDGE + round(length / metres)
    pen.rectangle((EDGE, middle - 2, right, middle + 1), fill=INK)
    pen.text((right + letters / 2, middle), _unit(length), INK, font(letters), anchor="lm")
    return canvas


def round_length(most: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that is not above a positive number."""
    power = float(10.0 ** np.floor(np.log10(most)))
    return max(step * power for step in (1, 2, 5) if step * power <= most * (1 + 1e-9))


def _unit(metres: float) -> str:
    if metres >= 1000:
        return f"{metres / 1000:g} km"
    if metres >= 1:
        return f"{metres:g} m"
    return f"{metres * 100:g} cm" if metres >= 0.01 else f"{metres * 1000:g} mm"


def _nearest(
    places: NDArray[np.int64], forward: NDArray[np.float64], shape: tuple[int, int]
) -> NDArray[np.int64]:
    """The nearest point of every pixel, int64 (H, W); -1 where there is none."""
    inside = np.flatnonzero(((places >= 0) & (places < shape[::-1])).all(axis=1))
    order = inside[np.argsort(-forward[inside], kind="stable")]
    seen = np.full(shape, -1, dtype=np.int64)
    seen[places[order, 1], places[order, 0]] = order  # of several the last, the nearest, stays
    return seen


def _radius(seen: NDArray[np.int64]) -> float:
    """How far points reach for most surfaces to close, in pixels, within limits."""
    cell = CELL * OVERSAMPLING
    height, width = (side // cell * cell for side in seen.shape)
    taken = (seen[:height, :width] >= 0).reshape(height // cell, cell, width // cell, cell)
    counts = taken.sum(axis=(1, 3))
    middle = float(np.median(counts[counts > 0])) if counts.any() else 1.0
    # n points scattered over a cell leave 4 % of it open at this radius: exp(-pi).
    wanted = cell / np.sqrt(middle)
    return float(np.clip(wanted, SMALLEST_POINT * OVERSAMPLING, LARGEST_POINT * OVERSAMPLING))


def _grown(seen: NDArray[np.int64], radius: float) -> NDArray[np.int64]:
    """Every empty pixel within a radius of a point shows the nearest one in the picture."""
    from scipy.ndimage import distance_transform_edt

    distance, (rows, columns) = distance_transform_edt(seen < 0, return_indices=True)
    return np.where(distance <= radius, seen[rows, columns], -1)
