"""``volseg convert``: another format, and a word about what it cannot hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.io import read


@pytest.mark.parametrize("name", ["b.ply", "b.pcd", "new/hall/coord.npy"])
def test_there_and_back(
    cli: Callable[..., Any], scene_folder: Path, tmp_path: Path, name: str
) -> None:
    source = scene_folder / "a.laz"
    outcome = cli("convert", source, tmp_path / name)
    assert outcome.code == 0
    assert outcome.out.startswith(f"written {tmp_path / name}")
    assert "attribute" not in outcome.err
    assert cli("convert", tmp_path / name, tmp_path / "c.laz").code == 0
    before, after = read(source), read(tmp_path / "c.laz")
    assert np.array_equal(before.xyz, after.xyz)
    assert np.array_equal(before.labels, after.labels)  # type: ignore[arg-type]
    assert np.array_equal(before.attributes["intensity"], after.attributes["intensity"])


def test_losses_are_told(cli: Callable[..., Any], tmp_path: Path) -> None:
    from volseg.demo import scan_path

    outcome = cli("convert", scan_path(), tmp_path / "b.ply")
    assert outcome.code == 0
    assert f"{tmp_path / 'b.ply'} does not hold coordinate system" in outcome.err
    assert "does not hold unit US survey feet" in outcome.err


def test_a_target_that_is_there_stays(
    cli: Callable[..., Any], refused: Callable[..., str], scene_folder: Path, tmp_path: Path
) -> None:
    command = ("convert", scene_folder / "a.laz", tmp_path / "b.xyz")
    assert cli(*command).code == 0
    assert "b.xyz: exists already; pass --overwrite" in refused(*command)
    assert cli(*command, "--overwrite").code == 0


@pytest.mark.parametrize("name", ["b.copc.laz", "b.e57", "b.obj", "b"])
def test_what_volseg_does_not_write_is_one_line(
    refused: Callable[..., str], scene_folder: Path, tmp_path: Path, name: str
) -> None:
    said = refused("convert", scene_folder / "a.laz", tmp_path / name)
    assert "volseg writes no" in said or "no scan format" in said


def test_a_missing_scan_is_named(refused: Callable[..., str], tmp_path: Path) -> None:
    assert "a.laz: does not exist" in refused("convert", tmp_path / "a.laz", tmp_path / "b.ply")
