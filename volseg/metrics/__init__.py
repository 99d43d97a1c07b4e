"""Scores: one exact confusion matrix, objects, and distances of surfaces.

>>> counts = vs.metrics.Confusion(2)
>>> counts.update(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]))
>>> counts.matrix.tolist(), counts.scores().iou.round(3).tolist()
([[1, 1], [0, 2]], [0.5, 0.667])
"""

from volseg.metrics.confusion import Confusion, Scores
from volseg.metrics.detection import Detection, match_centres
from volseg.metrics.matching import SEMANTIC_KITTI, Matching, Rules
from volseg.metrics.overlaps import Overlaps, segment_keys
from volseg.metrics.panoptic import Panoptic, PanopticScores
from volseg.metrics.rand import RandScores, rand_scores
from volseg.metrics.surface import SurfaceDistances, hausdorff95, surface_dice, surface_distances

__all__ = [
    "SEMANTIC_KITTI", "Confusion", "Detection", "Matching", "Overlaps", "Panoptic",
    "PanopticScores", "RandScores", "Rules", "Scores", "SurfaceDistances", "hausdorff95",
    "match_centres", "rand_scores", "segment_keys", "surface_dice", "surface_distances",
]  # fmt: skip
