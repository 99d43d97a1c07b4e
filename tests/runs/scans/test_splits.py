"""Labelled scans of a folder: which are read, which validate, and what is refused by name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.config import ScanConfig, ScanDataSpec, load_config
from volseg.data.scans.store import CachedScan
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import write
from volseg.io.scans import pieces
from volseg.runs.scans import splits as scans
from volseg.runs.scans.splits import find_scans, hold_out
from volseg.runs.scans.training import CACHE


def config(path: Path, **data: Any) -> ScanConfig:
    loaded = load_config(path)
    return loaded.model_copy(update={"data": ScanDataSpec(**data)})


Split = Callable[..., tuple[list[CachedScan], list[CachedScan]]]


@pytest.fixture
def load_split(tmp_path_factory: pytest.TempPathFactory) -> Split:
    cache = tmp_path_factory.mktemp("cache")
    return lambda config, folder: scans.load_split(config, folder, cache)


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
    shutil.copytree(run_folder, inside)
    shutil.copytree(run_folder.parent / CACHE, inside.parent / CACHE)
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
    tiles: Path, config_file: Path, load_split: Split, validation: Any, kept: list[str]
) -> None:
    train, held = load_split(config(config_file, validation=validation), tiles)
    assert names(held) == kept
    every = ["a.laz", "b.ply", "c.las", "d.laz", "far/e.laz"]
    assert names(train) == [name for name in every if name not in kept]
    for one in (*train, *held):
        np.testing.assert_array_equal(one.columns.counts, [200, 200])
        assert one.features == ("height",)
        assert len(one) == 400


def test_a_single_scan_is_cut_across_its_longer_side(
    tiles: Path, config_file: Path, load_split: Split
) -> None:
    one = config(config_file, validation=0.3, include=["a.laz"])
    (near,), (far,) = load_split(one, tiles)
    everywhere = np.full(2, -np.inf), np.full(2, np.inf)
    parts = [end.within(*everywhere).metres[:, 0] for end in (near, far)]
    assert len(parts[0]) + len(parts[1]) == 400
    assert parts[0].max() < parts[1].min()


def test_a_scan_shorter_than_a_column_is_not_cut(
    tmp_path: Path, config_file: Path, load_split: Split
) -> None:
    write(tmp_path / "tiny.ply", PointCloud(np.eye(3), labels=np.array([2, 6, 6])))
    with pytest.raises(InputError, match=r"tiny\.ply: .*too short.*smaller train\.crop"):
        load_split(config(config_file, validation=0.2), tmp_path)


@pytest.mark.parametrize("patterns", [["nothing*"], ["*"]])
def test_patterns_that_leave_one_side_empty(
    tiles: Path, config_file: Path, load_split: Split, patterns: list[str]
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
        self, tmp_path: Path, config_file: Path, load_split: Split, cloud: PointCloud, said: str
    ) -> None:
        write(tmp_path / "odd.ply", cloud)
        with pytest.raises(InputError, match=rf"odd\.ply: .*{said}"):
            load_split(config(config_file, validation=0), tmp_path)

    def test_a_feature_the_scan_lacks(
        self, tmp_path: Path, config_file: Path, load_split: Split
    ) -> None:
        write(tmp_path / "bare.ply", PointCloud(np.eye(3), labels=np.array([2, 6, 6])))
        wanted = load_config(config_file, ["voxels.features=[intensity]", "data.validation=0"])
        with pytest.raises(InputError, match=r"bare\.ply: .*'intensity'"):
            load_split(wanted, tmp_path)


def write_noise(folder: Path, cloud: PointCloud, noise: NDArray[np.bool_], way: str) -> None:
    """Scans with points marked as noise, in a folder ``with``, and ``without`` these points."""
    for name in ("with", "without"):
        (folder / name).mkdir()
    for name in ("a.laz", "b.laz"):
        write(folder / "with" / name, cloud)
        scan = laspy.read(folder / "with" / name)
        if way == "withheld":
            scan.withheld[noise] = 1
        else:
            scan.classification[noise] = np.resize((7, 18), noise.sum())
        scan.write(folder / "with" / name)
        scan.points = scan.points[~noise]
        scan.write(folder / "without" / name)


@pytest.mark.parametrize("rows", [10**6, 300])
@pytest.mark.parametrize("way", ["withheld", "classes"])
def test_noise_is_left_out_of_training_unless_asked_for(
    load_split: Split,
    config_file: Path,
    tmp_path: Path,
    boxes: Callable[..., PointCloud],
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    rows: int,
) -> None:
    """What stays is as if there were none: points, labels and heights."""
    monkeypatch.setattr(pieces, "PIECE", rows)
    cloud, noise = boxes(0, 2000), np.arange(2000) % 20 == 0
    cloud.xyz[noise, 2] -= 12
    write_noise(tmp_path, cloud, noise, way)

    def prepared(config: ScanConfig, folder: str = "with") -> CachedScan:
        return load_split(config, tmp_path / folder)[0][0]

    def content(scan: CachedScan) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in scan.folder.glob("*.npy")}

    plain = config(config_file, validation=["b.*"])
    assert len(prepared(plain)) == 1900
    assert content(prepared(plain)) == content(prepared(plain, "without"))
    if way == "withheld":
        assert len(prepared(config(config_file, validation=["b.*"], noise=True))) == 2000
    else:  # a class has their ids
        text = config_file.read_text().replace("[6, 5]", "[6, 7, 18]")
        (tmp_path / "noise.yaml").write_text(text)
        assert len(prepared(config(tmp_path / "noise.yaml", validation=["b.*"]))) == 2000


class TestHoldOut:
    @given(st.integers(2, 60), st.floats(0.01, 0.99))
    def test_is_a_share_evenly_spread(self, count: int, share: float) -> None:
        wanted = max(1, round(count * share))
        assume(wanted < count)
        held = hold_out(count, share)
        assert len(held) == wanted
        assert set(held) < set(range(count))
        # The gaps between held scans differ by one at most.
        gaps = np.diff(held)
        assert len(gaps) == 0 or 0 < gaps.min() <= gaps.max() <= gaps.min() + 1

    def test_a_share_that_leaves_nothing_is_refused(self) -> None:
        with pytest.raises(InputError, match="leaves none of 2"):
            hold_out(2, 0.9)
