"""The letters of anatomy as flat meshes, that stand beside slices in the world."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.volume import spacing_of
from volseg.view.legend import INK
from volseg.view.scene import Mesh
from volseg.view.volumes.sides import ENDS

# Strokes of letters of height 1 and width 0.7: from x, y to x, y, the origin in the middle.
_P = ((-0.35, -0.5, -0.35, 0.5), (-0.35, 0.5, 0.3, 0.5), (0.3, 0.5, 0.3, 0), (0.3, 0, -0.35, 0))
STROKES = {
    "L": ((-0.35, 0.5, -0.35, -0.5), (-0.35, -0.5, 0.35, -0.5)),
    "R": (*_P, (-0.1, 0, 0.35, -0.5)),
    "P": _P,
    "A": ((-0.35, -0.5, 0, 0.5), (0, 0.5, 0.35, -0.5), (-0.2, -0.15, 0.2, -0.15)),
    "I": ((0, -0.5, 0, 0.5),),
    "S": ((0.35, 0.5, -0.35, 0.5), (-0.35, 0.5, -0.35, 0), (-0.35, 0, 0.35, 0),
          (0.35, 0, 0.35, -0.5), (0.35, -0.5, -0.35, -0.5)),
}  # fmt: skip
BESIDE = ((1, 2), (2, 0), (1, 0))
"""By axis: across which others lie the slices that its ends are lettered beside, best first."""
THICK = 0.09
"""Half the width of a stroke."""
SIZE = 0.06
"""Height of letters, as a share of the longest side of what they stand beside."""


def letters(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    planes: Sequence[tuple[int, float, tuple[float, float]]],
    affine: NDArray[np.float64],
) -> Mesh:
    """What lies at the edges of slices across axes right, anterior, superior, once a side.

    Args:
        low: float64 (3,), where the slices begin, in voxels.
        high: float64 (3,), where they end.
        planes: of every slice the axis it lies across, its place along that, and whether its
            first and second other axis run right and up (1), or left and down (-1), as it is seen.
        affine: float64 (4, 4), from voxels to the world.
    """
    steps = spacing_of(affine)
    size = SIZE * float(((high - low) * steps).max())
    quads = []
    for side, preferred in enumerate(BESIDE):
        lettered = [one for axis in preferred for one in planes if one[0] == axis]
        for axis, place, signs in lettered[:1]:
            right, up = (
                sign * size * affine[:3, one] / steps[one]
                for one, sign in zip((one for one in range(3) if one != axis), signs, strict=True)
            )
            for end, out, letter in zip((low, high), (-1, 1), ENDS[side], strict=True):
                centre = (low + high) / 2
                centre[axis], centre[side] = place, end[side] + out * size / steps[side]
                at = affine[:3, :3] @ centre + affine[:3, 3]
                quads += [at + _quad(stroke) @ np.array([right, up]) for stroke in STROKES[letter]]
    first = 4 * np.arange(len(quads))[:, None]
    triangles = np.concatenate([first + [0, 1, 2], first + [0, 2, 3]])
    xyz = np.concatenate(quads)
    return Mesh(xyz, triangles, np.broadcast_to(np.array(INK, np.uint8), xyz.shape))


def _quad(stroke: Sequence[float]) -> NDArray[np.float64]:
    """The corners of a stroke, float64 (4, 2)."""
    start, end = np.array(stroke[:2], dtype=np.float64), np.array(stroke[2:], dtype=np.float64)
    along = THICK * (end - start) / np.linalg.norm(end - start)
    aside = np.array([-along[1], along[0]])
    start, end = start - along, end + along
    return np.array([start - aside, end - aside, end + aside, start + aside])
