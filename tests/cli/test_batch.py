"""One file that fails does not stop the others, and is named at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from volseg.errors import InputError
from volseg_cli.batch import finish, for_each

FILES = [Path(name) for name in ("a.laz", "b.laz", "c.laz")]


def test_the_others_are_done(capsys: pytest.CaptureFixture[str]) -> None:
    done: list[Path] = []

    def work(file: Path, target: Path) -> None:
        if file.name == "b.laz":
            raise InputError("is broken")
        done.append(target)

    with pytest.raises(typer.Exit) as exit_:
        for_each("voxelizing", FILES, FILES, work)
    assert exit_.value.exit_code == 2
    assert done == [FILES[0], FILES[2]]
    said = capsys.readouterr().err
    assert "b.laz: is broken" in said
    assert "2 of 3 files done, 1 failed: b.laz" in said


def test_nothing_is_said_where_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    finish([], 3)
    assert capsys.readouterr() == ("", "")
    with pytest.raises(typer.Exit):
        finish(["a.laz"], 1)
    assert capsys.readouterr().err == ""  # the one error has been said
