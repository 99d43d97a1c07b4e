"""Specs to objects: networks, losses, labelled scans, models, whole training runs."""

from volseg.builders.models import load_scan_model
from volseg.builders.training import train

__all__ = ["load_scan_model", "train"]
