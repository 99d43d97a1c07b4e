"""Files a user named, and where what is made of them goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg_cli.paths import expand, targets


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_folders_give_their_scans_with_the_folders_they_lie_in(tmp_path: Path) -> None:
    folder = touched(tmp_path / "in", "a.laz", "north/b.ply", "north/notes.md", "out/c.laz")
    found = expand([folder, folder / "a.laz"], folder / "out")
    names = {path.relative_to(folder).as_posix(): str(where) for path, where in found.items()}
    assert names == {"a.laz": ".", "north/b.ply": "north"}


@pytest.mark.parametrize(("name", "said"), [("empty", "holds no scan"), ("no.laz", "no such file")])
def test_what_is_not_there_is_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=said):
        expand([tmp_path / name], tmp_path)


def where(files: list[Path], out: Path, *, is_file: bool = False) -> list[Path]:
    return targets(files, out, name=lambda file: Path(file.name), is_file=is_file, overwrite=False)


def test_one_input_may_go_to_one_file_and_many_to_a_folder(tmp_path: Path) -> None:
    files = [touched(tmp_path, "a.laz", "b.laz") / name for name in ("a.laz", "b.laz")]
    assert where(files, tmp_path / "new/out") == [tmp_path / "new/out" / one.name for one in files]
    assert where(files[:1], tmp_path / "x.laz", is_file=True) == [tmp_path / "x.laz"]
    with pytest.raises(InputError, match="is one file for 2 scans"):
        where(files, tmp_path / "x.laz", is_file=True)


def test_no_output_takes_another_ones_place(tmp_path: Path) -> None:
    files = [touched(tmp_path, "a/x.laz", "b/x.laz") / name for name in ("a/x.laz", "b/x.laz")]
    with pytest.raises(InputError, match="would both be written here"):
        where(files, tmp_path / "out")
    with pytest.raises(InputError, match="would replace the scan itself"):
        where(files[:1], tmp_path / "a")
    with pytest.raises(InputError, match=r"'\.csv' names a file"):
        where(files[:1], tmp_path / "out.csv")
