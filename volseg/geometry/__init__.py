"""What scenes are, and the way back: arrays only, no files, no networks."""

from volseg.geometry.labels import IGNORE, LabelClass, LabelMap
from volseg.geometry.points import PointCloud
from volseg.geometry.volume import Orientation, Volume
from volseg.geometry.voxelgrid import VoxelGrid, voxelize

__all__ = [
    "IGNORE",
    "LabelClass",
    "LabelMap",
    "Orientation",
    "PointCloud",
    "Volume",
    "VoxelGrid",
    "voxelize",
]
