"""Specs to objects: networks, losses, models, training runs on scans and volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from volseg.builders.models import load_model, load_scan_model, load_volume_model
    from volseg.builders.training import train

__all__ = ["load_model", "load_scan_model", "load_volume_model", "train"]


def __getattr__(name: str) -> Any:
    """Import what is asked for only then: prediction needs nothing of training."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "train":
        from volseg.builders.training import train

        return train
    from volseg.builders import models

    return getattr(models, name)
