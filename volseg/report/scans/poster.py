"""Still pictures of a cloud, for paper and for browsers that draw no 3-D."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.view.camera import Camera

PAPER = (255, 255, 255)


def draw(
    places: NDArray[np.float64],
    camera: Camera,
    colours: NDArray[np.uint8],
    pixels: int,
    on_top: NDArray[np.bool_] | None = None,
) -> Image.Image:
    """Points as squares on white paper, the nearer ones over the farther ones.

    Args:
        places: float64 (N, 3), in the camera's frame of reference.
        camera: where they are seen from.
        colours: uint8 (N, 3).
        pixels: side of the squares.
        on_top: points to draw over all others, bool (N,).
    """
    width, height = camera.size
    depth = ((places - camera.position) @ camera.rotation.T)[:, 2]
    ahead = np.flatnonzero(depth > 0)
    keys = (-depth[ahead],) if on_top is None else (-depth[ahead], on_top[ahead])
    order = ahead[np.lexsort(keys)]
    corner = np.floor(camera.project(places[order]) - (pixels - 1) / 2).astype(np.int64)
    image = np.full((height, width, 3), PAPER, dtype=np.uint8)
    # Square by square in order: the pixels of one are set together, before those of the next.
    offsets = np.stack(np.divmod(np.arange(pixels * pixels), pixels), axis=1)
    spread = (corner[:, None] + offsets).reshape(-1, 2)
    source = np.repeat(order, pixels * pixels)
    inside = ((spread >= 0) & (spread < (width, height))).all(axis=1)
    columns, rows = spread[inside].T
    image[rows, columns] = colours[source[inside]]
    return Image.fromarray(image)


def data_uri(image: Image.Image) -> str:
    """A picture as a PNG within the page, its colours few."""
    stream = io.BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
