"""Models that come with the package: for each, its weights and a few words about it."""

from volseg.models.bundled import Bundled, bundled_names, find_bundled, load_bundled
from volseg.models.card import Measured, Source, Words

__all__ = [
    "Bundled",
    "Measured",
    "Source",
    "Words",
    "bundled_names",
    "find_bundled",
    "load_bundled",
]
