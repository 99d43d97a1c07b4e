"""Names of fields in formats whose headers take one ASCII word each, and who labelled a file."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.heard import Heard
from volseg.errors import InputWarning
from volseg.geometry import PointCloud
from volseg.io import convert, read, write
from volseg.io.scans.header_words import is_word, names_within, plain_names, signed, to_bytes

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


LONG = ("reflectance_calibrated_corrected_a", "reflectance_calibrated_corrected_b", "\u00e9" * 20)


def test_long_names_are_cut_between_letters_and_differ() -> None:
    made = names_within(LONG, 32, taken=["reflectance_calibrated_corrected"])
    assert made == {
        LONG[0]: "reflectance_calibrated_correct_2",
        LONG[1]: "reflectance_calibrated_correct_3",
        LONG[2]: "\u00e9" * 16,
    }
    assert names_within(["a", LONG[2]], 40) == {"a": "a", LONG[2]: LONG[2]}
    latin = b"H\xf6he".decode("utf-8", "surrogateescape")
    assert to_bytes(names_within([latin], 32)[latin]) == b"H\xf6he"


@pytest.mark.parametrize("source", ["a.ply", "a.pcd", "a.csv"])
def test_las_gets_names_it_holds_and_says_so(tmp_path: Path, source: str) -> None:
    values = {name: np.arange(5.0) + i for i, name in enumerate(LONG[:2])}
    rows = np.arange(15, dtype=np.float32).reshape(5, 3)
    columns = {f"eigenvector_of_largest_eigen_{i}_xyz": rows[:, i] for i in range(3)}
    cloud = PointCloud(np.random.default_rng(0).random((5, 3)), values | columns)
    write(tmp_path / source, cloud)
    heard = Heard()
    convert(tmp_path / source, tmp_path / "b.laz", progress=heard)
    told = [line.split(" does not hold ")[1] for line in heard.notes]
    found = read(tmp_path / "b.laz").attributes
    shorter = names_within([*values, *columns], 32)
    for name, one in (values | columns).items():
        np.testing.assert_array_equal(found[shorter[name]], one)
        assert f"the name {name!r}: it goes by {shorter[name]!r}" in told
    assert sum("goes by" in one for one in told) == 5
    with pytest.warns(InputWarning, match=f"at most 32 bytes each, .*by {shorter[LONG[0]]!r}"):
        write(tmp_path / "c.las", read(tmp_path / source))


def test_rows_of_long_names_are_columns_of_las(tmp_path: Path) -> None:
    rows = np.arange(15, dtype=np.float32).reshape(5, 3)
    cloud = PointCloud(np.zeros((5, 3)), {"eigenvectors_of_the_largest_one": rows})
    with pytest.warns(InputWarning, match="_2' by 'eigenvectors_of_the_largest_on_3'"):
        write(tmp_path / "a.las", cloud)
    assert len(read(tmp_path / "a.las").attributes["eigenvectors_of_the_largest_on_3"]) == 5


@pytest.mark.parametrize("suffix", [".ply", ".pcd", ".csv", ".xyz"])
def test_other_formats_get_made_names_and_say_so(tmp_path: Path, suffix: str) -> None:
    values = {name: np.arange(5) + i for i, name in enumerate(WANTED) if name}
    cloud = PointCloud(np.random.default_rng(0).random((5, 3)), values, np.arange(5))
    write(tmp_path / "a.las", cloud)
    assert set(values) <= set(read(tmp_path / "a.las").attributes)
    made, heard = tmp_path / f"b{suffix}", Heard()
    convert(tmp_path / "a.las", made, progress=heard)
    told = [line.split(" does not hold ")[1] for line in heard.notes]
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
