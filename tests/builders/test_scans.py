"""Labelled scans of a folder: which are read, which validate, and what is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.builders.scans import find_scans, load_split
from volseg.config import ScanConfig, ScanDataSpec, load_config
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import write


def config(path: Path, **data: Any) -> ScanConfig:
    loaded = load_config(path)
    return loaded.model_copy(update={"data": ScanDataSpec(**data)})


@pytest.fixture
def tiles(tmp_path: Path, boxes: Callable[..., PointCloud]) -> Path:
    """Five scans, one of them in a folder within."""
    (tmp_path / "far").mkdir()
    for number, name in enumerate(("a.laz", "b.ply", "c.las", "d.laz", "far/e.laz")):
        write(tmp_path / name, boxes(number, 400))
    (tmp_path / "notes.md").write_text("not a scan")
    return tmp_path


def names(scans: Any) -> list[str]:
    return [one.name for one in scans]


def test_folders_are_searched_and_sorted(tiles: Path) -> None:
    found = [str(one.relative_to(tiles)) for one in find_scans(tiles, ScanDataSpec())]
    assert found == ["a.laz", "b.ply", "c.las", "d.laz", "far/e.laz"]
    assert names(find_scans(tiles, ScanDataSpec(include=("*.ply", "*.las", "b.*")))) == [
        "b.ply",
        "c.las",
    ]


def test_a_run_in_the_data_folder_is_no_data(tiles: Path, run_folder: Path) -> None:
    before = find_scans(tiles, ScanDataSpec())
    inside = tiles / "runs" / "one"
    inside.mkdir(parents=True)
    for one in run_folder.iterdir():
        (inside / one.name).write_bytes(one.read_bytes())
    assert (inside / "log.csv").exists()
    assert find_scans(tiles, ScanDataSpec()) == before


@pytest.mark.parametrize(
    ("validation", "kept"),
    [
        (0, []),
        (0.2, ["c.las"]),
        (0.4, ["b.ply", "d.laz"]),
        (["b.*", "far/*"], ["b.ply", "far/e.laz"]),
        (["a"], ["a.laz"]),
        (["e.laz"], ["far/e.laz"]),
    ],
)
def test_validation_scans_are_kept(
    tiles: Path, config_file: Path, validation: Any, kept: list[str]
) -> None:
    train, held = load_split(config(config_file, validation=validation), tiles)
    assert names(held) == kept
    every = ["a.laz", "b.ply", "c.las", "d.laz", "far/e.laz"]
    assert names(train) == [name for name in every if name not in kept]
    for one in (*train, *held):
        assert set(np.unique(one.labels)) == {0, 1}
        assert one.attributes.keys() == {"height"}


@pytest.mark.parametrize("patterns", [["nothing*"], ["*"]])
def test_patterns_that_leave_one_side_empty(
    tiles: Path, config_file: Path, patterns: list[str]
) -> None:
    with pytest.raises(InputError, match=r"matches data\.validation"):
        load_split(config(config_file, validation=patterns), tiles)


class TestRefusals:
    @pytest.mark.parametrize("pattern", ["*.bin", "", "/etc/*", "**x"])
    def test_no_scan(self, tiles: Path, pattern: str) -> None:
        with pytest.raises(InputError):
            find_scans(tiles, ScanDataSpec(include=(pattern,)))

    @pytest.mark.parametrize("name", ["nowhere", "a.laz"])
    def test_no_folder(self, tiles: Path, name: str) -> None:
        with pytest.raises(InputError, match="no such folder"):
            find_scans(tiles / name, ScanDataSpec())

    @pytest.mark.parametrize(
        ("cloud", "said"),
        [
            (PointCloud(np.eye(3)), "no label field.*data.label_field"),
            (PointCloud(np.eye(3), labels=np.array([2, 6, 77])), "class id 77"),
            (PointCloud(np.eye(3)[:1], labels=np.array([2])), "only one point"),
            (PointCloud(np.ones((3, 3)), labels=np.array([2, 2, 6])), "in one place"),
        ],
    )
    def test_name_the_file(
        self, tmp_path: Path, config_file: Path, cloud: PointCloud, said: str
    ) -> None:
        write(tmp_path / "odd.ply", cloud)
        with pytest.raises(InputError, match=rf"odd\.ply: .*{said}"):
            load_split(config(config_file, validation=0), tmp_path)

    def test_a_feature_the_scan_lacks(self, tmp_path: Path, config_file: Path) -> None:
        write(tmp_path / "bare.ply", PointCloud(np.eye(3), labels=np.array([2, 6, 6])))
        wanted = load_config(config_file, ["voxels.features=[intensity]", "data.validation=0"])
        with pytest.raises(InputError, match=r"bare\.ply: .*'intensity'"):
            load_split(wanted, tmp_path)
