"""Kinds take their own options, and say so of others'."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg.synthetic.kinds import OPTIONS, check_kind, write_kind


def test_each_kind_takes_its_options() -> None:
    for kind, names in OPTIONS.items():
        check_kind(kind, dict.fromkeys(names, 1))


def test_an_option_of_another_kind_is_named() -> None:
    with pytest.raises(InputError, match="founts given for field; wanted kind pages"):
        check_kind("field", {"founts": Path("there")})


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(InputError, match="'moon' is not known, wanted one of street, airborne"):
        check_kind("moon", {})


@pytest.mark.parametrize(("kind", "size"), [("pages", " pixels"), ("field", "320 x 240 pixels")])
def test_pictures_are_written(kind: str, size: str, tmp_path: Path) -> None:
    [(path, told)] = write_kind(kind, tmp_path, 1, 3, {}, False)
    assert path == tmp_path / "images" / "000.jpg"
    assert told.endswith(size)


def test_a_folder_without_founts_makes_none_of_pages(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no fount"):
        list(write_kind("pages", tmp_path / "new", 1, 0, {"founts": tmp_path}, False))
    assert not (tmp_path / "new").exists()
