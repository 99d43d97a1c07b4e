"""The demo's two scenes: half a real scan to learn and half to test; two generated streets."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from volseg.demo.acts import Act
from volseg.io import read, write

TRAIN_SEED, TEST_SEED = 1, 2


def scan_path() -> Path:
    """The airborne scan that comes with the package; the file NOTICE says from where."""
    return Path(__file__).with_name("nebraska.laz")


def set_scan(folder: Path) -> Act:
    """The real scan, cut by a north-south line into a half to train on and a half to test."""
    cloud = read(scan_path())
    line = (cloud.xyz[:, 0].min() + cloud.xyz[:, 0].max()) / 2
    train, test = folder / "train" / "east.laz", folder / "test" / "west.laz"
    for path, half in ((train, cloud.xyz[:, 0] > line), (test, cloud.xyz[:, 0] <= line)):
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, cloud.take(np.flatnonzero(half)), overwrite=True)
    return Act("a real airborne scan", "lidar/demo", folder, train, test)


def set_street(folder: Path) -> Act:
    """One synthetic street to train on, and another, unseen, to test."""
    from volseg.data.street import generate_street

    train, test = folder / "train" / "street.laz", folder / "test" / "other_street.laz"
    for path, seed in ((train, TRAIN_SEED), (test, TEST_SEED)):
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, generate_street(seed), overwrite=True)
    return Act("a synthetic street", "lidar/synthetic", folder, train, test)
