"""The data that rows run on: real where it is at hand, and generated of any size."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.row import MissingError
from volseg.geometry import PointCloud
from volseg.io import read
from volseg.synthetic.street import generate_street

DATA = Path(os.environ.get("VOLSEG_DATA", Path(__file__).parents[3] / "shared" / "data"))
SCANS = {"airborne": "ahn3_3dfier", "mobile": "oakland_mls"}
"""Folders of real scans whose files adjoin."""
QUICK = "VOLSEG_BENCH_QUICK" in os.environ
"""Whether everything is small: to try the suite, not to measure."""

BLOCK, LENGTH = 1_000_000, 100.0


def sized(full: int, quick: int) -> int:
    """A size, or its small stand-in."""
    return quick if QUICK else full


def data(*parts: str) -> Path:
    """A file or folder of the real data.

    Raises:
        MissingError: if it is not here.
    """
    path = DATA.joinpath(*parts)
    if not path.exists():
        raise MissingError(f"no {path.relative_to(DATA)} under VOLSEG_DATA ({DATA})")
    return path


def street(points: int) -> PointCloud:
    """A generated street of just so many points, in a frame like a UTM zone's.

    Blocks of a million points over 100 m lie side by side, so that length and voxels grow as
    the points do.
    """
    block = _block()
    many = -(-points // len(block))
    blocks = [block + (0.0, 200.0 * number, 0.0) for number in range(many)]
    return PointCloud(np.concatenate(blocks)[:points])


def scan(folder: str, *, shuffled: bool = False) -> PointCloud:
    """All LAZ files of a folder of the real scans as one, in metres, as they stand or shuffled."""
    files = sorted(data("lidar", folder).glob("*.laz"))
    xyz = np.concatenate([read(file).metres() for file in files])
    if shuffled:
        xyz = xyz[np.random.default_rng(0).permutation(len(xyz))]
    return PointCloud(xyz[: sized(len(xyz), 20_000)])


def scratch() -> Path:
    """A folder for this run's own files; the suite removes it."""
    return Path(os.environ.get("VOLSEG_BENCH_SCRATCH") or tempfile.mkdtemp())


@cache
def _block() -> NDArray[np.float64]:
    """Points by distance driven; made once a run, which takes seconds.

    Half a millimetre of noise takes them off the edges of voxels, where rounding decides.
    """
    file = scratch() / "street.npy"
    if not file.exists():
        xyz = generate_street(0, length=LENGTH, points=sized(BLOCK, 20_000)).xyz
        np.save(file, xyz + np.random.default_rng(0).uniform(-5e-4, 5e-4, xyz.shape))
    return np.asarray(np.load(file))
