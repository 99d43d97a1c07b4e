"""Specs to objects: networks, losses, labelled scans, models, whole training runs."""

from volseg.builders.models import load_model, load_scan_model, load_volume_model
from volseg.builders.training import train

__all__ = ["load_model", "load_scan_model", "load_volume_model", "train"]
