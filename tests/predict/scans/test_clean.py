"""Noise is marked, and nothing else is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.predict.scans.clean import clean_scan
from volseg.predict.scans.job import ScanOptions


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("suffix", [".laz", ".ply"])
def test_noise_is_marked_alone(
    boxes: Callable[..., PointCloud], tmp_path: Path, suffix: str
) -> None:
    cloud = boxes(0)
    low = cloud.xyz.min(axis=0)
    middle = np.median(cloud.xyz, axis=0)
    odd = np.array([(*middle[:2], low[2] - 30), cloud.xyz[7], (*middle[:2], middle[2] + 60)])
    xyz = np.round(np.concatenate((cloud.xyz, odd)), 3)
    had = np.arange(len(xyz)) % 5
    source = tmp_path / f"a{suffix}"
    write(source, PointCloud(xyz, labels=had))
    done = clean_scan(source, tmp_path / f"out{suffix}", ScanOptions())
    labels = read(tmp_path / f"out{suffix}").labels
    assert labels is not None
    assert labels[-3:].tolist() == [7, 7, 18]
    marked = done.low + done.high + done.isolated + done.duplicates
    assert (labels != had).sum() == marked
    np.testing.assert_array_equal(labels[labels < 5], had[labels < 5])
    again = clean_scan(tmp_path / f"out{suffix}", tmp_path / f"again{suffix}", ScanOptions())
    assert again.duplicates == (0 if suffix == ".laz" else done.duplicates)
    with pytest.raises(InputError, match="exists already"):
        clean_scan(source, tmp_path / f"out{suffix}", replace(ScanOptions()))
