"""Scores: one exact confusion matrix, and distances of surfaces.

>>> counts = vs.metrics.Confusion(2)
>>> counts.update(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]))
>>> counts.matrix.tolist(), counts.scores().iou.round(3).tolist()
([[1, 1], [0, 2]], [0.5, 0.667])
"""

from volseg.metrics.confusion import Confusion, Scores
from volseg.metrics.surface import (
    SurfaceDistances,
    hausdorff95,
    surface_dice,
    surface_distances,
)

__all__ = [
    "Confusion",
    "Scores",
    "SurfaceDistances",
    "hausdorff95",
    "surface_dice",
    "surface_distances",
]
