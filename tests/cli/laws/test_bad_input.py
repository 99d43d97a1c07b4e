"""Bad input: one clear line that names the file, exit 2, and nothing written or overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.broken import BROKEN, Refused, broken, made
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.io.scans import pieces
from volseg.io.scans.las import pieces as las_pieces
from volseg.predict.scans.model import ScanModel

ROOT = Path(__file__).parents[3]


class TestBrokenFiles:
    @pytest.mark.parametrize("name", BROKEN)
    def test_info(self, refused: Refused, tmp_path: Path, name: str) -> None:
        assert str(broken(tmp_path, name)) in refused("info", tmp_path / name)

    @pytest.mark.parametrize("name", BROKEN)
    def test_voxelize(self, refused: Refused, tmp_path: Path, name: str) -> None:
        path, out = broken(tmp_path, name), tmp_path / "out.npz"
        assert str(path) in refused("voxelize", path, "-o", out, "--voxel-size", 0.5)

    @pytest.mark.parametrize("name", BROKEN)
    def test_predict(self, refused: Refused, run_folder: Path, tmp_path: Path, name: str) -> None:
        path = broken(tmp_path, name)
        assert str(path) in refused("predict", run_folder, path, "-o", tmp_path / "out")

    @pytest.mark.parametrize("name", BROKEN)
    def test_view(self, refused: Refused, tmp_path: Path, name: str) -> None:
        path = broken(tmp_path, name)
        assert str(path) in refused("view", path, "--screenshot", tmp_path / "out.png")

    @pytest.mark.parametrize("name", [one for one in BROKEN if one != "folder.laz"])
    def test_evaluate(self, refused: Refused, tmp_path: Path, name: str) -> None:
        path, truth = broken(tmp_path, name), made(tmp_path, "truth.ply")
        assert str(path) in refused("evaluate", path, truth)

    @pytest.mark.parametrize("name", ["empty.laz", "cut.laz", "words.xyz"])
    def test_train(self, refused: Refused, config_file: Path, tmp_path: Path, name: str) -> None:
        (tmp_path / "data").mkdir()
        path = broken(tmp_path / "data", name)
        made(tmp_path / "data", "b.ply")
        command = ("train", config_file, "--data", tmp_path / "data", "--out", tmp_path / "run")
        assert str(path) in refused(*command)
        assert not (tmp_path / "run").exists()


class TestScansWithoutExtent:
    @pytest.fixture(params=[(0, "ply"), (0, "laz"), (1, "laz"), (1, "xyz"), (4, "npz")])
    def scan(self, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
        """No point, one, or several in one place."""
        points, suffix = request.param
        (tmp_path / "data").mkdir()
        path = tmp_path / "data" / f"small.{suffix}"
        write(path, PointCloud(np.ones((points, 3)), labels=np.full(points, 2)))
        return path

    def test_voxelize(self, refused: Refused, tmp_path: Path, scan: Path) -> None:
        said = refused("voxelize", scan, "-o", tmp_path / "out.npz", "--voxel-size", 0.5)
        assert f"{scan}: the scan has " in said

    def test_predict(self, refused: Refused, run_folder: Path, tmp_path: Path, scan: Path) -> None:
        said = refused("predict", run_folder, scan, "-o", tmp_path / "out")
        assert f"{scan}: the scan has " in said

    def test_train(self, refused: Refused, config_file: Path, tmp_path: Path, scan: Path) -> None:
        command = ("train", config_file, "--data", scan.parent, "--out", tmp_path / "run")
        said = refused(*command, "--set", "data.validation=0")
        assert f"{scan}: the scan has " in said


class TestVoxelSizes:
    @pytest.mark.parametrize("size", ["0", "-1", "nan", "inf", "1e-300", "1e-12", "5e-324"])
    def test_voxelize(self, refused: Refused, tmp_path: Path, size: str) -> None:
        scan = made(tmp_path, "a.laz")
        said = refused("voxelize", scan, "-o", tmp_path / "out.npz", "--voxel-size", size)
        assert "voxel" in said

    def test_no_warning_of_a_library_makes_it_two_lines(self, tmp_path: Path) -> None:
        command = ("voxelize", made(tmp_path, "a.laz"), "-o", tmp_path / "out.npz")
        done = subprocess.run(
            [sys.executable, "-m", "volseg_cli", *map(str, command), "--voxel-size", "1e-300"],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "cli")))},
        )
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1

    @pytest.mark.parametrize("size", ["0", "-1", ".nan", "1e-300", "1e-12"])
    def test_train(self, refused: Refused, config_file: Path, tmp_path: Path, size: str) -> None:
        made(tmp_path, "a.laz")
        command = ("train", config_file, "--data", tmp_path, "--out", tmp_path / "run")
        said = refused(*command, "--set", f"voxels.size={size}", "--set", "data.validation=0")
        assert "voxel" in said


class TestFilesThatChangeOnTheWay:
    """A scan is read more than once; what happens to it in between costs nothing but itself."""

    @pytest.fixture
    def cut(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, int], None]:
        """Have a scan cut when so many of its points are written again, in pieces of 50."""
        monkeypatch.setattr(pieces, "PIECE", 50)
        relabel = las_pieces.relabel

        def arrange(path: Path, after: int) -> None:
            def cutting(target: Path, like: Path, votes: Any, *rest: Any, **more: Any) -> Any:
                def labels(rows: slice) -> Any:
                    if like == path and rows.start >= after:
                        os.truncate(path, path.stat().st_size // 2)
                    return votes(rows)

                return relabel(target, like, labels, *rest, **more)

            monkeypatch.setattr(las_pieces, "relabel", cutting)

        return arrange

    @pytest.mark.parametrize(("suffix", "after"), [("las", 0), ("las", 50), ("laz", 0)])
    def test_one_cut_while_its_labels_are_written(
        self,
        cli: Callable[..., Any],
        run_folder: Path,
        tmp_path: Path,
        cut: Callable[[Path, int], None],
        monkeypatch: pytest.MonkeyPatch,
        suffix: str,
        after: int,
    ) -> None:
        first, second = (made(tmp_path, f"{name}.{suffix}") for name in "ab")
        sound, stamp = first.read_bytes(), first.stat()
        out = tmp_path / "out"
        out.mkdir()
        (out / first.name).write_bytes(b"precious")
        cut(first, after)
        command = ("predict", run_folder, first, second, "-o", out, "--overwrite")
        outcome = cli(*command)
        assert outcome.code == 2
        (error,) = (line for line in outcome.err.splitlines() if line.startswith("error: "))
        assert error.startswith(f"error: {first}: ")
        assert "1 of 2 files done, 1 failed" in outcome.err
        assert (out / first.name).read_bytes() == b"precious"
        assert len(read(out / second.name)) == 200
        # Whole again, it is written with the votes it has.
        monkeypatch.setattr(ScanModel, "segment", None)
        first.write_bytes(sound)
        os.utime(first, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        cut(tmp_path / "nothing", 0)
        outcome = cli(*command)
        assert outcome.code == 0, outcome
        assert len(read(out / first.name)) == 200
        assert sorted(one.name for one in out.iterdir()) == [first.name, second.name]
