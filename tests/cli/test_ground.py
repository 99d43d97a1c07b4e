"""``volseg ground`` and ``volseg dtm``: what is written and said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from volseg.geometry import PointCloud
from volseg.io import describe, write


@pytest.fixture
def tile(tmp_path: Path, boxes: Callable[..., PointCloud]) -> Path:
    """A scan with classes."""
    write(tmp_path / "tile.laz", boxes(0))
    return tmp_path / "tile.laz"


def test_ground_is_marked_and_counted(cli: Callable[..., Any], tile: Path) -> None:
    done = cli("ground", tile, "-o", tile.parent / "marked")
    assert done.code == 0
    assert describe(tile.parent / "marked" / "tile.laz").classes.keys() == {1, 2}
    assert "4,000" in done.out
    again = cli("ground", tile, "-o", tile.parent / "marked")
    assert again.code == 2
    assert "exists already" in again.err


def test_a_raster_is_written_and_said(cli: Callable[..., Any], tile: Path) -> None:
    pytest.importorskip("rasterio", reason="takes the extra raster")
    target = tile.parent / "dtm.tif"
    done = cli("dtm", tile, "-o", target, "--cell", 2)
    assert done.code == 0
    assert done.out.replace("\n", "").endswith("15 x 10 cells of 2")
    assert target.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-o", "dtm.laz"), "is no GeoTIFF; wanted a name that ends in .tif"),
        (("-o", "dtm.tif", "--cell", 0), "wanted a positive number"),
        (("-o", "dtm.tif", "--class", 9), "has no point of class 9"),
    ],
)
def test_what_cannot_be_is_one_line(
    cli: Callable[..., Any],
    tile: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[Any, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tile.parent)
    done = cli("dtm", tile, *options)
    assert done.code == 2
    assert said in " ".join(done.err.split())
