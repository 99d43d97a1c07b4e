"""``volseg demo``: what each act prints and leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from volseg import demo
from volseg.demo import Act, Lesson, scan_path
from volseg.errors import DisplayError
from volseg.io import read, write


@pytest.fixture
def acts(aerial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan for a model that is there, and one for a model that learns from itself."""
    (tmp_path / "train").mkdir()
    scan = tmp_path / "train" / "some.laz"
    write(scan, read(scan_path()).take(slice(None, None, 20)))

    def scenes(folder: Path) -> Iterator[Act]:
        yield Act("a model that is there", folder / "scan", scan, aerial)
        lesson = Lesson("lidar/aerial", scan)
        yield Act("a model to train", folder / "own", scan, folder / "own" / "run", lesson)

    def draw(act: Act, path: Path) -> None:
        if act.lesson is None:
            path.write_bytes(b"a picture")
        else:
            raise DisplayError("no way to draw")

    monkeypatch.setattr(demo, "scenes", scenes)
    monkeypatch.setattr(demo, "draw", draw)


def test_each_act_is_scored_labelled_and_drawn_where_it_can_be(
    acts: None, cli: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    outcome = cli("demo", "--out", out, "--minutes", 0.01, "--device", "cpu")
    assert outcome.code == 0, outcome
    said = outcome.out
    assert said.index("a model that is there") < said.index("a model to train")
    assert said.count("mean IoU") == 2
    assert (out / "scan.png").read_bytes() == b"a picture"
    assert not (out / "own.png").exists()
    assert "no picture: no way to draw" in outcome.err
    assert not (out / "scan" / "run").exists()
    assert (out / "own" / "run" / "best.safetensors").exists()
    for act in ("scan", "own"):
        assert (out / act / "labelled" / "some.laz").exists()
