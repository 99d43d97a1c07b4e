"""Files that no command can use."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np

from volseg.geometry import PointCloud
from volseg.io import write

Refused = Callable[..., str]
XYZ = np.random.default_rng(0).uniform(0, 20, (200, 3))
PLY = "ply\nformat ascii 1.0\nelement vertex 2\n" + "".join(
    f"property float {axis}\n" for axis in "xyz"
)
BROKEN = (
    *("empty.las", "empty.laz", "empty.ply", "empty.npz", "empty.xyz", "empty.csv.gz"),
    *("cut.las", "cut.laz", "cut.ply", "cut.npz", "cut.bin", "cut.xyz.gz"),
    *("words.xyz", "ragged.csv", "liar.laz", "liar.ply"),
    *("scan.e57", "scan", "scan.laz.part"),
    *("folder.laz", "nowhere.laz"),
)


def made(folder: Path, name: str, labels: bool = True) -> Path:
    """A sound scan of 200 points."""
    path = folder / name
    ids = np.where(np.arange(200) % 2, 2, 6) if labels else None
    write(path, PointCloud(XYZ, labels=ids))
    return path


def broken(folder: Path, name: str) -> Path:
    """A file that is wrong in the way its name says."""
    path = folder / name
    kind, _, suffix = name.partition(".")
    if kind == "empty":
        path.write_bytes(gzip.compress(b"") if suffix.endswith("gz") else b"")
    elif kind == "cut":
        data = made(folder, name).read_bytes()
        path.write_bytes(data[: int(len(data) * 0.6) | 1])
    elif kind == "words":
        path.write_text("these are words\nand no numbers\n")
    elif kind == "ragged":
        path.write_text("x,y,z\n1,2,3\n4,5\n")
    elif name == "liar.laz":
        made(folder, "liar.ply").rename(path)
    elif name == "liar.ply":
        path.write_text(PLY.replace("vertex 2", "vertex 999999999999") + "end_header\n0 0 0\n")
    elif kind == "folder":
        path.mkdir()
    elif kind != "nowhere":
        path.write_bytes(b"something")
    return path
