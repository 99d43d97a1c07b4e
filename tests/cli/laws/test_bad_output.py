"""Outputs that cannot be written: one clear line, exit 2, and everything else as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

Refused = Callable[..., str]
Full = Callable[[int], AbstractContextManager[None]]


@pytest.fixture(params=["under a file", "read only"])
def closed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder that cannot be written to."""
    if request.param == "read only":
        if os.geteuid() == 0:
            pytest.skip("root may write to read-only folders")
        (tmp_path / "closed").mkdir(mode=0o500)
        return tmp_path / "closed"
    (tmp_path / "file").write_bytes(b"precious")
    return tmp_path / "file" / "sub"


def test_voxelize(refused: Refused, scene_folder: Path, closed: Path) -> None:
    scan = scene_folder / "a.laz"
    for out in (closed, closed / "a.npz"):
        said = refused("voxelize", scan, "-o", out, "--voxel-size", 1)
        assert str(closed) in said


def test_predict(refused: Refused, run_folder: Path, scene_folder: Path, closed: Path) -> None:
    scan = scene_folder / "a.laz"
    for out in (closed, closed / "b.laz"):
        assert str(closed) in refused("predict", run_folder, scan, "-o", out)


def test_train(refused: Refused, config_file: Path, scene_folder: Path, closed: Path) -> None:
    command = ("train", config_file, "--data", scene_folder, "--out", closed / "run")
    assert str(closed) in refused(*command)


def test_evaluate(refused: Refused, scene_folder: Path, closed: Path) -> None:
    scan = scene_folder / "a.laz"
    assert str(closed) in refused("evaluate", scan, scan, "--json", closed / "s.json")


def test_view(refused: Refused, scene_folder: Path, closed: Path) -> None:
    scan = scene_folder / "a.laz"
    assert str(closed) in refused("view", scan, "--screenshot", closed / "a.png")


def test_demo(refused: Refused, closed: Path) -> None:
    assert str(closed) in refused("demo", "--out", closed / "demo")


def test_a_demo_replaces_no_folder_but_its_own(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_bytes(b"precious")
    for flags in ((), ("--overwrite",)):
        assert "exists already" in refused("demo", "--out", tmp_path / "mine", *flags)


class TestFullDisk:
    """One line that names the file, and nothing half written; the disk is full at a limit."""

    @pytest.fixture
    def full(self) -> Full:
        """Within ``full(n)`` no file of this process grows beyond n bytes."""
        resource = pytest.importorskip("resource")

        @contextmanager
        def limit(most: int) -> Iterator[None]:
            before = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
            try:
                yield
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)

        return limit

    @pytest.fixture
    def scan(self, scene_folder: Path, tmp_path: Path) -> Path:
        from volseg.io import read, write

        write(tmp_path / "a.las", read(scene_folder / "a.laz"))
        return tmp_path / "a.las"

    @pytest.mark.parametrize("most", [1_000, 50_000, 110_000])
    def test_predict(
        self, refused: Refused, run_folder: Path, scan: Path, full: Full, most: int
    ) -> None:
        """In turn when points are spooled, and when they are written again."""
        out = scan.parent / "out"
        out.mkdir()
        (out / "a.las").write_bytes(b"precious")
        with full(most):
            said = refused("predict", run_folder, scan, "-o", out, "--overwrite")
        assert said == f"error: {out / 'a.las'}: cannot be written: File too large"

    def test_other_commands(self, refused: Refused, scan: Path, full: Full) -> None:
        folder = scan.parent
        for command, made in (
            (("voxelize", scan, "--voxel-size", 0.5, "-o"), "a.npz"),
            (("convert", scan), "a.ply"),
            (("evaluate", scan, scan, "--json"), "s.json"),
        ):
            with full(200):
                said = refused(*command, folder / made)
            assert said == f"error: {folder / made}: cannot be written: File too large"

    def test_train_keeps_the_models_it_has(
        self,
        cli: Callable[..., Any],
        snapshot: Callable[[Path], Any],
        config_file: Path,
        scene_folder: Path,
        run_folder: Path,
        tmp_path: Path,
        full: Full,
    ) -> None:
        run = tmp_path / "run"
        shutil.copytree(run_folder, run)
        shutil.copytree(run_folder.parent / "volseg-cache", tmp_path / "volseg-cache")
        before = snapshot(run)
        most = (run / "best.safetensors").stat().st_size // 2
        command = ("train", config_file, "--data", scene_folder, "--out", run)
        with full(most):
            outcome = cli(*command, "--resume", "--epochs", 3, "--device", "cpu")
        assert outcome.code == 2
        assert outcome.err.splitlines()[-1].endswith("cannot be written: File too large")
        assert str(run) in outcome.err
        after = snapshot(run)
        assert after.keys() == before.keys()
        for path in (run / "best.safetensors", run / "last.safetensors", run / "state.safetensors"):
            assert after[path] == before[path]
