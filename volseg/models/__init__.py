"""Models that come with the package: for each, its weights and a few words about it."""

from volseg.models.bundled import Bundled, bundled_names, find_bundled, load_bundled
from volseg.models.card import DataSource, Measured, ModelCard

__all__ = [
    "Bundled",
    "DataSource",
    "Measured",
    "ModelCard",
    "bundled_names",
    "find_bundled",
    "load_bundled",
]
