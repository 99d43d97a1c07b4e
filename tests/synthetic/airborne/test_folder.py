"""Folders of tiles: the same bytes again, all kinds in turn, nothing overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read
from volseg.synthetic.airborne import folder as maker
from volseg.synthetic.airborne.folder import write_tiles
from volseg.synthetic.airborne.generate import generate_tile


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles of 1,000 pulses, whatever is asked for."""

    def sparse(seed: int, *, points: int, **options: Any) -> PointCloud:
        assert 150_000 < points < 640_000
        return generate_tile(seed, **{**options, "density": None, "size": None, "points": 1000})

    monkeypatch.setattr(maker, "generate_tile", sparse)


def made(folder: Path, tiles: int, **options: Any) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path, _ in write_tiles(folder, tiles, **options)}


def test_a_seed_makes_the_same_files_again_and_more_begin_alike(tmp_path: Path) -> None:
    few, many = made(tmp_path / "a", 2), made(tmp_path / "b", 3)
    assert few.items() <= many.items()
    assert [*many] == ["000_plain_linear.laz", "001_hills_geiger.laz", "002_steep_nineties.laz"]
    other = made(tmp_path / "c", 2, seed=1)
    assert other.keys() == few.keys()
    assert not {*other.values()} & {*few.values()}


def test_kinds_that_are_given_are_those_of_all_files(tmp_path: Path) -> None:
    names = [*made(tmp_path, 3, terrain="steep", scanner="drone")]
    assert names == [f"{n:03d}_steep_drone.laz" for n in range(3)]


def test_it_tells_how_many_points_lie_in_each_file(tmp_path: Path) -> None:
    for path, points in write_tiles(tmp_path, 2):
        assert len(read(path)) == points


def test_nothing_is_written_when_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "001_hills_geiger.laz").write_bytes(b"mine")
    with pytest.raises(InputError, match="001_hills_geiger"):
        made(tmp_path, 2)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"mine"]


@pytest.mark.parametrize(
    ("tiles", "options", "problem"),
    [
        (0, {}, "0 tiles of seed 0"),
        (1, {"seed": -1}, "1 tiles of seed -1"),
        (1, {"density": 1e9}, "density is 1e"),
    ],
)
def test_options_out_of_range_are_named(
    tmp_path: Path, tiles: int, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        made(tmp_path / "new", tiles, **options)
    assert not (tmp_path / "new").exists()
