"""Founts have the letters they are asked for; a folder of others is taken instead."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.synthetic.pages.founts import SCRIPTS, draw_words, founts


def test_there_are_founts_for_every_script() -> None:
    assert {script for fount in founts() for script in fount.scripts} == set(SCRIPTS)
    assert founts()[-1].path is None  # Pillow's own


def test_a_fount_lacks_no_letter_it_names() -> None:
    for fount in founts():
        missing = bytes(fount.at(16).getmask("\uffff"))
        for script in fount.scripts:
            for letter in set(fount.letters(script)):
                assert bytes(fount.at(16).getmask(letter)) != missing


def test_a_folder_is_taken_alone_and_what_is_no_fount_left_out(tmp_path: Path) -> None:
    chosen = next(f.path for f in founts() if f.path and f.path.name == "STIXGeneral.ttf")
    shutil.copy(chosen, tmp_path)
    (tmp_path / "broken.ttf").write_bytes(b"no fount")
    assert [fount.path for fount in founts(tmp_path)] == [tmp_path / "STIXGeneral.ttf"]


def test_a_folder_without_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no fount"):
        founts(tmp_path)


def test_words_are_as_many_as_asked_for() -> None:
    words = draw_words(np.random.default_rng(0), "ab", 200)
    assert len(words) == 200
    assert all(words)
    assert any(word.istitle() for word in words)
    assert any(word.isdigit() for word in words)
