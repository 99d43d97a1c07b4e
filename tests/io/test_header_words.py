"""Names of fields in formats whose headers take one ASCII word each, and who labelled a file."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputWarning
from volseg.geometry import PointCloud
from volseg.io import convert, read, write
from volseg.io.header_words import is_word, plain_names, signed

WANTED = {
    "Höhe über Grund": "Hohe_uber_Grund",
    "高さ": "field",
    "Pulse width": "Pulse_width_2",
    "Pulse_width": "Pulse_width",  # one that needs no other keeps it
    "a,b": "a_b",
    "": "field_2",
    "f.rest[0]": "f.rest[0]",
}


def test_names_are_one_word_each_and_differ() -> None:
    made = plain_names(list(WANTED))
    assert made == WANTED
    assert all(is_word(one) for one in made.values())
    assert not is_word("_")  # what PCD calls padding


@pytest.mark.parametrize("suffix", [".ply", ".pcd", ".csv", ".xyz"])
def test_other_formats_get_made_names_and_say_so(tmp_path: Path, suffix: str) -> None:
    values = {name: np.arange(5) + i for i, name in enumerate(WANTED) if name}
    cloud = PointCloud(np.random.default_rng(0).random((5, 3)), values, np.arange(5))
    write(tmp_path / "a.las", cloud)
    assert set(values) <= set(read(tmp_path / "a.las").attributes)
    made, told = tmp_path / f"b{suffix}", list[str]()
    convert(tmp_path / "a.las", made, tell=told.extend)
    found = read(made).attributes
    for name, word in plain_names(list(values)).items():
        np.testing.assert_array_equal(found[word], values[name])
        assert (f"the name {name!r}: it goes by {word!r}" in told) == (name != word)
    with pytest.warns(InputWarning, match="one word each, .*'Pulse width' by 'Pulse_width_2'"):
        write(tmp_path / f"c{suffix}", cloud)
    with warnings.catch_warnings():
        warnings.simplefilter("error", InputWarning)
        write(tmp_path / "d.npz", cloud)


@pytest.mark.parametrize("suffix", [".ply", ".pcd"])
def test_a_file_says_once_what_gave_its_labels(tmp_path: Path, suffix: str) -> None:
    cloud = PointCloud(np.eye(3), labels=np.arange(3))
    write(tmp_path / f"0{suffix}", cloud.with_labels(np.arange(3), by="model first"))
    again = read(tmp_path / f"0{suffix}").with_labels(np.arange(3)[::-1], by="model größer")
    write(tmp_path / f"1{suffix}", again, like=tmp_path / f"0{suffix}")
    data = (tmp_path / f"1{suffix}").read_bytes()
    assert data.count(b" labelled by ") == 1
    assert b" labelled by model gr??er\n" in data
    back = read(tmp_path / f"1{suffix}")
    np.testing.assert_array_equal(back.labels, [2, 1, 0])
    write(tmp_path / f"2{suffix}", back, like=tmp_path / f"1{suffix}")
    assert (tmp_path / f"2{suffix}").read_bytes() == data


def test_lines_keep_their_ends() -> None:
    lines = [b"ply\r\n", b"comment labelled by an other\r\n", b"end_header\r\n"]
    wanted = [b"ply\r\n", b"comment labelled by me\r\n", b"end_header\r\n"]
    assert signed(lines, b"comment", "me") == wanted
    assert signed(lines, b"comment", None) == lines
