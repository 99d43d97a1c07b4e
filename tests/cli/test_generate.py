"""``volseg generate``: a file a scan, said and written, and one line for what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from volseg.geometry import PointCloud
from volseg.io import read
from volseg.synthetic.street import folder as maker
from volseg.synthetic.street import generate_street


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(seed: int, *, points: int, length: float, scanner: Any) -> PointCloud:
        return generate_street(seed, scanner=scanner, length=10.0, points=1000)

    monkeypatch.setattr(maker, "generate_street", short)


def test_streets_are_written_and_told(cli: Callable[..., Any], tmp_path: Path) -> None:
    done = cli("generate", "-o", tmp_path, "--count", 2)
    assert done.code == 0
    files = sorted(tmp_path.iterdir())
    assert done.out.splitlines() == [f"{path}: {len(read(path)):,} points" for path in files]
    assert len(files) == 2
    again = cli("generate", "-o", tmp_path, "--count", 2, "--overwrite")
    assert again.out == done.out


def test_a_file_in_the_way_is_one_line(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "001_pushbroom.laz").touch()
    done = cli("generate", "-o", tmp_path, "--count", 2)
    assert done.code == 2
    assert "001_pushbroom.laz" in done.err.replace("\n", "")
    assert len(list(tmp_path.iterdir())) == 1


def test_landscapes_are_written_as_asked(cli: Callable[..., Any], tmp_path: Path) -> None:
    options = ("--terrain", "steep", "--scanner", "drone", "--density", 5, "--size", 30)
    done = cli("generate", "--kind", "airborne", "-o", tmp_path, "--tiles", 1, *options)
    assert done.code == 0
    [path] = tmp_path.iterdir()
    assert path.name == "000_steep_drone.laz"
    assert done.out.splitlines() == [f"{path}: {len(read(path)):,} points"]


def test_streets_take_no_options_of_landscapes(cli: Callable[..., Any], tmp_path: Path) -> None:
    done = cli("generate", "-o", tmp_path / "new", "--density", 5, "--terrain", "hills")
    assert done.code == 2
    assert "terrain and density given for street" in done.err.replace("\n", " ")
    assert not (tmp_path / "new").exists()
