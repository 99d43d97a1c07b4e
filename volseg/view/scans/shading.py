"""Depth made visible: points behind the edge of something nearer are drawn darker."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STRENGTH = 0.6


def shade(
    image: NDArray[np.float32], depth: NDArray[np.float32], focal: float, reach: int
) -> NDArray[np.float32]:
    """The image, float32 (H, W, 3), darkened where its surroundings lie nearer.

    The idea of eye-dome lighting (Boucheny 2009), here on slopes: the step in depth to a
    neighbour over the step in space, so that distance and field of view do not matter.

    Args:
        image: colours from 0 to 1.
        depth: float32 (H, W), forward distance of each pixel; 0 where nothing was drawn.
        focal: focal length in pixels.
        reach: distance of the neighbours in pixels.
    """
    drawn = depth > 0
    far = np.where(drawn, depth, np.inf).astype(np.float32)
    padded = np.pad(far, reach, constant_values=np.inf)
    height, width = depth.shape
    dark = np.zeros_like(depth)
    # Slopes as steep as lying ground seen obliquely are no edge.
    ease = np.float32(2.0)
    pixel = np.where(drawn, depth, 1) * np.float32(reach / focal)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            if down or right:
                rows = slice(reach * (1 + down), reach * (1 + down) + height)
                columns = slice(reach * (1 + right), reach * (1 + right) + width)
                with np.errstate(invalid="ignore"):
                    slope = (far - padded[rows, columns]) / pixel - ease
                dark += np.clip(np.nan_to_num(slope, nan=0.0, neginf=0.0), 0.0, 12.0)
    light = 1 - np.float32(STRENGTH) * (1 - np.exp(-dark / 24))
    return image * np.where(drawn, light, 1.0).astype(np.float32)[..., None]
