"""Folders of streets: the same bytes again, all kinds of scanners, nothing overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read
from volseg.synthetic.street import folder as maker
from volseg.synthetic.street import generate_street, write_streets
from volseg.synthetic.street.scanner import KINDS


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streets of 1,000 points, whatever is asked for."""

    def short(seed: int, *, points: int, length: float, scanner: str) -> PointCloud:
        assert 79_000 < points < 200_000
        assert 50 <= length <= 100
        return generate_street(seed, scanner=scanner, length=10.0, points=1000)

    monkeypatch.setattr(maker, "generate_street", short)


def made(folder: Path, streets: int, seed: int = 0) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path, _ in write_streets(folder, streets, seed=seed)}


def test_a_seed_makes_the_same_files_again_and_more_begin_alike(tmp_path: Path) -> None:
    few, many = made(tmp_path / "a", 2), made(tmp_path / "b", 4)
    assert few.items() <= many.items()
    assert len(set(many.values())) == 4
    assert [name.split("_")[1] for name in many] == [f"{kind}.laz" for kind in KINDS]
    other = made(tmp_path / "c", 2, seed=1)
    assert other.keys() == few.keys()
    assert not set(other.values()) & set(few.values())


def test_it_tells_how_many_points_lie_in_each_file(tmp_path: Path) -> None:
    for path, points in write_streets(tmp_path, 2):
        assert len(read(path)) == points


def test_nothing_is_written_when_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "001_pushbroom.laz").write_bytes(b"mine")
    with pytest.raises(InputError, match="001_pushbroom"):
        made(tmp_path, 2)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "001_pushbroom.laz": b"mine"
    }


@pytest.mark.parametrize(("streets", "seed"), [(0, 0), (1, -1)])
def test_numbers_out_of_range_are_named(tmp_path: Path, streets: int, seed: int) -> None:
    with pytest.raises(InputError, match=f"{streets} streets of seed {seed}"):
        made(tmp_path, streets, seed)
