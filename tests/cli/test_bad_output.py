"""Outputs that cannot be written: one clear line, exit 2, and everything else as it was."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Refused = Callable[..., str]


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
