"""volseg segments volumes and point clouds: one engine for everything that lives on a grid."""

__version__ = "0.1.0"
