"""From a trained network and a scene to a class for every point or voxel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from volseg.inference.in_memory import segment
    from volseg.inference.volume import VolumeModel

__all__ = ["VolumeModel", "segment"]


def __getattr__(name: str) -> Any:
    """Import what is asked for only then: scans and volumes need other things."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from volseg.inference import in_memory, volume

    return in_memory.segment if name == "segment" else volume.VolumeModel
