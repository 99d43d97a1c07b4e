"""volseg segments volumes and point clouds: one engine for everything that lives on a grid."""

from volseg._version import __version__

__all__ = ["__version__"]
