"""A model, and a scan of several tiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.predict.scans.runs import wkt
from volseg.geometry import PointCloud
from volseg.io.scans import pieces
from volseg.models.load import load_scan_model
from volseg.predict.scans.model import ScanModel


@pytest.fixture(scope="package")
def run_model(run_folder: Path) -> ScanModel:
    """The model of the scene, on the CPU."""
    return load_scan_model(run_folder, "cpu")


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scans are read in many pieces."""
    monkeypatch.setattr(pieces, "PIECE", 1500)


@pytest.fixture
def wide(boxes: Callable[..., PointCloud]) -> PointCloud:
    """A scan of several tiles."""
    cloud = boxes(2, 6000)
    corner = cloud.xyz.min(axis=0)
    return replace(cloud, xyz=np.round((cloud.xyz - corner) * (5, 2, 1) + corner, 3), crs=wkt(2154))
