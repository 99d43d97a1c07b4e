"""volseg segments volumes and point clouds: one engine for everything that lives on a grid.

    import volseg as vs

    vs.segment("in.laz", "out.laz", model="aerial")
    model = vs.load("runs/mri")
    labels = model(vs.read("t1.nii.gz"))
    vs.write("labels.nii.gz", labels, like="t1.nii.gz")

Nothing is loaded before it is used (PEP 562). `vs.train`, `vs.plan`, `vs.view` and `vs.report` are
functions, though there are packages called so: a verb goes before a package of its name. Within the
package one writes `from volseg.view import save`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from volseg._version import __version__

if TYPE_CHECKING:
    from volseg import losses, metrics, nn
    from volseg._face.files import info, read, voxelize, write
    from volseg._face.models import load, segment
    from volseg._face.scoring import evaluate
    from volseg._face.showing import report, view
    from volseg._face.terrain import dtm, ground
    from volseg._face.training import check, generate, plan, train
    from volseg.errors import ConfigError, InputError
    from volseg.geometry.labels import LabelClass, LabelMap
    from volseg.geometry.points import PointCloud
    from volseg.geometry.volume import Volume
    from volseg.geometry.voxelgrid import VoxelGrid
    from volseg.io.scans.convert import convert
    from volseg.progress import Progress

__all__ = [
    "ConfigError", "InputError", "LabelClass", "LabelMap", "PointCloud", "Progress", "Volume",
    "VoxelGrid", "__version__", "check", "convert", "dtm", "evaluate", "generate", "ground",
    "info", "load", "losses", "metrics", "nn", "plan", "read", "report", "segment", "train", "view",
    "voxelize", "write",
]  # fmt: skip

_MODULES = {"losses", "metrics", "nn"}
_HOMES = {
    name: module
    for module, names in {
        "_face.files": "info read voxelize write",
        "_face.models": "load segment",
        "_face.scoring": "evaluate",
        "_face.showing": "report view",
        "_face.terrain": "dtm ground",
        "_face.training": "check generate plan train",
        "errors": "ConfigError InputError",
        "geometry.labels": "LabelClass LabelMap",
        "geometry.points": "PointCloud",
        "geometry.volume": "Volume",
        "geometry.voxelgrid": "VoxelGrid",
        "io.scans.convert": "convert",
        "progress": "Progress",
    }.items()
    for name in names.split()
}


def __getattr__(name: str) -> Any:
    """What is asked for, loaded now and kept."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The face alone."""
    return sorted(__all__)


class _Face(ModuleType):
    """This module; a package within it that is called as a verb does not take the verb's place."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
