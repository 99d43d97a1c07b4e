from __future__ import annotations

import gzip
from pathlib import Path

import laspy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import output_name, read, write
from volseg.io.scans.text import as_text


def put(folder: Path, text: str, name: str = "scan.xyz") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("delimiter", [" ", "  \t", "\t", ",", ", ", ";", "; ", "|"])
@pytest.mark.parametrize("header", [None, "plain", "# ", "// ", "//", "# File format: ", "; "])
def test_delimiters_and_headers_are_found(tmp_path, delimiter, header):
    rows = [["1.5", "2", "-3e2", "7", "4"], ["2.5", "3", "5", "8", "5"]]
    names = ["X", "y", "Z", "intensity", "Label"]
    head = "" if header is None else ("" if header == "plain" else header) + delimiter.join(names)
    body = "\n".join(delimiter.join(row) for row in rows)
    cloud = read(put(tmp_path, f"# a comment, of its own\n{head}\n{body}\n"))
    assert np.array_equal(cloud.xyz, [[1.5, 2, -300], [2.5, 3, 5]])
    if header is None:
        assert cloud.labels is None
        assert np.array_equal(cloud.attributes["column5"], [4, 5])
        assert list(cloud.attributes) == ["column4", "column5"]
    else:
        assert np.array_equal(cloud.labels, [4, 5])
        assert cloud.label_field == "Label"
        assert np.array_equal(cloud.attributes["intensity"], [7, 8])


def test_headerless_columns_can_be_named_as_labels(tmp_path):
    cloud = read(put(tmp_path, "1 2 3 9\n4 5 6 8\n"), label_field="column4")
    assert np.array_equal(cloud.labels, [9, 8])


def test_colours_are_one_attribute(tmp_path):
    cloud = read(put(tmp_path, "//X Y Z R G B Scalar_Label\n1 2 3 10 20 30 4.000000\n"))
    assert np.array_equal(cloud.attributes["colour"], [[10, 20, 30]])
    assert np.array_equal(cloud.labels, [4])


def test_columns_of_words_are_passed_over(tmp_path):
    text = "x,y,z,when,class\n1,2,3,12:30,4\n5,6,7,12:31,8\n"
    source = put(tmp_path, text, "scan.csv")
    cloud = read(source)
    assert np.array_equal(cloud.labels, [4, 8])
    assert not cloud.attributes
    write(tmp_path / "copy.csv", cloud.with_labels(np.array([1, 2])), like=source)
    expected = text.replace(",4\n", ",1\n").replace(",8\n", ",2\n")
    assert (tmp_path / "copy.csv").read_text() == expected


def test_point_count_of_pts_is_passed_over_and_kept(tmp_path):
    source = put(tmp_path, "2\n1 2 3 -5 0 0 0\n4 5 6 -7 1 1 1\n", "scan.pts")
    cloud = read(source)
    assert len(cloud) == 2
    write(tmp_path / "copy.pts", cloud.with_labels(np.array([3, 4])), like=source)
    assert (tmp_path / "copy.pts").read_text().startswith("2\n# x y z column4")
    assert np.array_equal(read(tmp_path / "copy.pts").labels, [3, 4])


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_copy_replaces_labels_and_keeps_every_other_character(tmp_path, ending, last):
    lines = ["# caf\u00e9 \u2116", "# x y z label i", "1.50   2\t3 7 0010 ", "", "4 5.0 6 8  1e0"]
    text = ending.join(lines) + (ending if last else "")
    source, copy = put(tmp_path, text), tmp_path / "copy.xyz"
    source.write_bytes(source.read_bytes().replace(b"\xc3\xa9", b"\xe9"))  # not UTF-8
    cloud = read(source)
    write(copy, cloud.with_labels(np.array([12, -3])), like=source)
    expected = source.read_bytes().replace(b"3 7 ", b"3 12 ").replace(b"6 8 ", b"6 -3 ")
    assert copy.read_bytes() == expected
    write(copy, cloud, like=source, overwrite=True)
    assert copy.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("mark", [" ", ",", ";"])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_copy_appends_what_the_file_lacks(tmp_path, mark, header, ending):
    rows = [["1.0", "2", "3", "4"], ["5", "6", "7", "8"]]
    lines = [mark.join(("x", "y", "z", "i"))] * header + [mark.join(row) for row in rows]
    source, copy = put(tmp_path, ending.join(lines) + ending, "a.txt"), tmp_path / "b.txt"
    cloud = read(source)
    confidence = np.array([0.1, 1.0], dtype=np.float32)
    write(copy, cloud.with_labels(np.array([9, 10]), confidence), like=source)
    back = read(copy)
    assert np.array_equal(back.labels, [9, 10])
    assert np.array_equal(back.attributes["confidence"].astype(np.float32), confidence)
    name = "i" if header else "column4"
    assert np.array_equal(back.attributes[name], [4, 8])
    written = copy.read_bytes().decode().split(ending)
    assert written[0].endswith(mark.join(("confidence", "label")))
    tails = [mark + "0.1" + mark + "9", mark + "1.0" + mark + "10"]
    assert written[1:] == [mark.join(row) + end for row, end in zip(rows, tails, strict=True)] + [
        ""
    ]


def test_real_text_agrees_with_the_real_laz(shared_data, tmp_path):
    folder = shared_data / "lidar/oakland_mls"
    for name in ("oakland_part2_ac", "oakland_part3_ak"):
        source = folder / f"{name}.xyz_label_conf.gz"
        cloud, laz = read(source), read(folder / f"{name}.laz", label_field="label")
        assert np.abs(cloud.xyz - laz.xyz).max() < 0.006
        assert np.array_equal(cloud.labels, laz.labels)
        assert np.array_equal(cloud.attributes["confidence"], laz.attributes["confidence"])
        copy = tmp_path / output_name(source)
        write(copy, cloud, like=source)
        assert gzip.decompress(copy.read_bytes()) == gzip.decompress(source.read_bytes())
        labels = np.arange(len(cloud)) % 7
        write(copy, cloud.with_labels(labels, np.ones(len(cloud))), like=source, overwrite=True)
        back = read(copy)
        assert np.array_equal(back.labels, labels)
        assert np.array_equal(back.xyz, cloud.xyz)
        assert set(back.attributes) == {"confidence", "confidence_predicted"}


@pytest.mark.parametrize("name", ["new.xyz", "new.csv", "new.txt.gz", "new.csv.gz"])
@given(values=st.lists(st.tuples(*[st.floats(-1e15, 1e15)] * 3), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_new_file_keeps_every_digit(tmp_path, name, values):
    xyz = np.array(values)
    cloud = PointCloud(xyz, {"a": xyz.astype(np.float32)}, np.arange(len(xyz)))
    write(tmp_path / name, cloud, overwrite=True)
    back = read(tmp_path / name)
    assert np.array_equal(back.xyz, xyz)
    assert np.array_equal(back.labels, cloud.labels)
    assert np.array_equal(back.attributes["a_1"].astype(np.float32), xyz[:, 1].astype(np.float32))


@given(st.lists(st.floats(width=32, allow_nan=False), max_size=20))
def test_float32_as_text_reads_back_the_same(values):
    column = np.array(values, dtype=np.float32)
    assert np.array_equal(np.array(as_text(column), dtype=np.float32), column)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no points"),
        ("# only\n# comments\n", "holds no points"),
        ("x y z\n", "header and no points"),
        ("1 2\n3 4\n", "line 1 is '1 2'"),
        ("1 2 3\n4 5\n", "line 2 is '4 5'"),
        ("1 2 3\n4 x 6\n", "line 2 is '4 x 6'"),
        ("1,2,3\n4,b,6\n", "line 2 is '4,b,6'"),
        ("x,y,z,i\n1,2,3\n", "names 4 columns"),
        ("a b c\n1 2 3\n", "no columns x, y and z, or easting.*; it has a, b, c: say .* --columns"),
        ("x y z x\n1 2 3 4\n", "two columns named 'x'"),
        ("ncols 4\nnrows 4\n1 2 3 4\n", "line 1 is 'ncols 4'"),
        ("\0\0\0", "binary"),
    ],
)
def test_bad_text_is_one_clear_line(tmp_path, text, words):
    with pytest.raises(InputError, match=words) as caught:
        read(put(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))


def test_missing_field_names_those_there(tmp_path):
    with pytest.raises(InputError, match=r"no field 'class'.*column4"):
        read(put(tmp_path, "1 2 3 4\n"), label_field="class")


@pytest.mark.parametrize("damage", [lambda d: d[:-5], lambda d: d[:10], lambda d: b"x" + d])
def test_damaged_gzip_is_refused(tmp_path, damage):
    (tmp_path / "a.xyz.gz").write_bytes(damage(gzip.compress(b"1 2 3\n" * 1000)))
    with pytest.raises(InputError, match="gzip"):
        read(tmp_path / "a.xyz.gz")


@given(st.binary(max_size=60) | st.text("0123456789.,;-+e \n\t#/xyzab|\"'_", max_size=60))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_bytes_raise_nothing_but_input_errors(tmp_path, data):
    path = tmp_path / "a.xyz"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    try:
        cloud = read(path)
    except InputError:
        return
    write(tmp_path / "b.xyz", cloud, like=path, overwrite=True)
    assert (tmp_path / "b.xyz").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("scale", [0.01, 0.001, 0.00025, 2.0**-10])
@pytest.mark.parametrize("offset", [0.0, 6_277_000.5])
def test_steps_of_las_are_written_in_their_shortest_digits(tmp_path, scale, offset):
    counts = np.random.default_rng(0).integers(6_000_000 / scale % 10**9, 2 * 10**9, (200, 3))
    header = laspy.LasHeader(version="1.2", point_format=0)
    header.scales, header.offsets = np.full(3, scale), np.full(3, offset)
    las = laspy.LasData(header)
    las.X, las.Y, las.Z = counts.T
    las.write(tmp_path / "a.las")
    cloud = read(tmp_path / "a.las")
    write(tmp_path / "a.xyz", cloud)
    rows = [row.split()[:3] for row in (tmp_path / "a.xyz").read_text().splitlines()[1:]]
    decimals = len(f"{scale:.12f}".rstrip("0")) - 2
    assert max(len(word.partition(".")[2]) for row in rows for word in row) <= max(decimals, 1)
    back = read(tmp_path / "a.xyz")
    assert np.array_equal(np.rint((back.xyz - offset) / scale), counts)
