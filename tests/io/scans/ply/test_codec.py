from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write

FORMATS = ("ascii", "binary_little_endian", "binary_big_endian")
VERTEX = [("x", "f8"), ("y", "f8"), ("z", "f4"), ("red", "u1"), ("green", "u1"), ("blue", "u1")]
NAMES = {"f8": "double", "f4": "float", "u1": "uchar", "i4": "int32", "i2": "short"}
COUNT = 40


def vertices(extra: list[tuple[str, str]]) -> np.ndarray:
    generator = np.random.default_rng(0)
    table = np.empty(COUNT, [*VERTEX, *extra])
    for name in table.dtype.names:
        table[name] = generator.integers(0, 100, COUNT)
    table["x"] += 654321.125
    return table


def ply(kind: str, extra: list[tuple[str, str]], *, ending: str = "\n") -> bytes:
    """A file with an element before the vertices, one with lists after them, and comments."""
    table = vertices(extra)
    order = ">" if "big" in kind else "<"
    header = ["ply", f"format {kind} 1.0", "comment made by a test", "obj_info kept"]
    header += ["element camera 2", "property float f", "property list uchar short ids"]
    header += [f"element vertex {COUNT}", "comment in between"]
    header += [f"property {NAMES[table.dtype[name].str[1:]]} {name}" for name in table.dtype.names]
    header += ["element face 2", "property list uchar int vertex_indices", "end_header"]
    head = "".join(line + ending for line in header).encode()
    if kind == "ascii":
        rows = [" ".join(repr(value.item()) for value in row) for row in table]
        return (
            head
            + "".join(
                line + ending for line in ["0.5 2 7 8", "1.5 0", *rows, "3 0 1 2", "4 0 1 2 3"]
            ).encode()
        )
    cameras = (
        np.array([0.5], order + "f4").tobytes() + b"\2" + np.array([7, 8], order + "i2").tobytes()
    )
    cameras += np.array([1.5], order + "f4").tobytes() + b"\0"
    faces = b"\3" + np.arange(3, dtype=order + "i4").tobytes()
    return head + cameras + table.astype(table.dtype.newbyteorder(order)).tobytes() + faces + b"\0"


def put(folder: Path, data: bytes) -> Path:
    path = folder / "scan.ply"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_property_is_read(tmp_path, kind, ending):
    table = vertices([("scalar_Label", "f4"), ("curvature", "f8")])
    extra = [("scalar_Label", "f4"), ("curvature", "f8")]
    cloud = read(put(tmp_path, ply(kind, extra, ending=ending)))
    assert np.array_equal(cloud.xyz, np.stack([table[axis] for axis in "xyz"], axis=1))
    assert cloud.label_field == "scalar_Label"
    assert np.array_equal(cloud.labels, table["scalar_Label"])
    assert list(cloud.attributes) == ["colour", "curvature"]
    assert cloud.attributes["colour"].dtype == np.uint8
    colour = np.stack([table[name] for name in ("red", "green", "blue")], axis=1)
    assert np.array_equal(cloud.attributes["colour"], colour)
    assert cloud.attributes["curvature"].dtype.isnative


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_copy_changes_labels_only(tmp_path, kind, ending):
    source = put(tmp_path, ply(kind, [("class", "i2"), ("after", "f4")], ending=ending))
    cloud = read(source)
    copy = tmp_path / "copy.ply"
    write(copy, cloud, like=source)
    assert copy.read_bytes() == source.read_bytes()
    labels = np.arange(COUNT) - 5
    write(copy, cloud.with_labels(labels), like=source, overwrite=True)
    assert np.array_equal(read(copy).labels, labels)
    # With the old labels put back, it is the old file.
    write(tmp_path / "back.ply", read(copy).with_labels(cloud.labels), like=copy)
    assert (tmp_path / "back.ply").read_bytes() == source.read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_copy_appends_what_the_file_lacks(tmp_path, kind):
    source, copy = put(tmp_path, ply(kind, [("confidence", "u1")])), tmp_path / "copy.ply"
    cloud = read(source)
    assert cloud.labels is None
    labels, confidence = np.arange(COUNT) - 1, np.linspace(0, 1, COUNT, dtype=np.float32)
    write(copy, cloud.with_labels(labels, confidence), like=source)
    back = read(copy)
    assert np.array_equal(back.labels, labels)
    assert np.array_equal(back.attributes["confidence_predicted"], confidence)
    assert np.array_equal(back.attributes["confidence"], cloud.attributes["confidence"])
    assert np.array_equal(back.xyz, cloud.xyz)
    # Without the three lines the header is the old one, and what surrounds the vertices stays.
    added = [b"float confidence_predicted", b"int label"]
    lines = copy.read_bytes().split(b"end_header\n")[0].splitlines(keepends=True)
    kept = [line for line in lines if not any(line.endswith(name + b"\n") for name in added)]
    assert b"".join(kept) == source.read_bytes().split(b"end_header\n")[0]
    tail = b"3 0 1 2\n4 0 1 2 3\n" if kind == "ascii" else source.read_bytes()[-14:]
    assert copy.read_bytes().endswith(tail)


def test_real_file_with_unlabelled_points(shared_data, tmp_path):
    source = shared_data / "lidar/cgal_debian/b9_training.ply"
    cloud = read(source)
    assert set(np.unique(cloud.labels)) == {-1, 0, 1, 2}
    write(tmp_path / "copy.ply", cloud, like=source)
    assert (tmp_path / "copy.ply").read_bytes() == source.read_bytes()


def test_text_coordinates_keep_every_digit(tmp_path):
    head = "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\n"
    text = head + "property float z\nend_header\n654321.123 6543210.987 1\n"
    assert read(put(tmp_path, text.encode())).xyz.tolist() == [[654321.123, 6543210.987, 1.0]]


def test_new_file_gives_back_what_was_written(tmp_path):
    generator = np.random.default_rng(0)
    attributes = {
        "colour": generator.integers(0, 256, (30, 3), dtype=np.uint8),
        "gps_time": generator.normal(size=30),
        "wide": generator.integers(-9, 9, 30),
        "flag": np.arange(30) % 2 == 0,
        "label": np.arange(30, dtype=np.uint16),
    }
    cloud = PointCloud(
        generator.normal(size=(30, 3)) + 1e6, attributes, np.arange(30) - 3, np.ones(30)
    )
    write(tmp_path / "new.ply", cloud)
    back = read(tmp_path / "new.ply")
    assert np.array_equal(back.xyz, cloud.xyz)
    assert np.array_equal(back.labels, cloud.labels)
    for name, values in attributes.items():
        stored = back.attributes["label_original" if name == "label" else name]
        assert np.array_equal(stored, values)


def test_label_its_type_cannot_hold_is_refused(tmp_path):
    source = put(tmp_path, ply(FORMATS[1], [("label", "u1")]))
    cloud = read(source)
    for code in (256, -1):
        with pytest.raises(InputError, match=f"uint8 cannot hold class id {code}"):
            write(tmp_path / "copy.ply", cloud.with_labels(np.full(COUNT, code)), like=source)


WHOLE = {kind: ply(kind, [("label", "u1")]) for kind in FORMATS}
HEAD = b"ply\nformat ascii 1.0\n"
LIE = f"element vertex {COUNT}".encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no PLY"),
        (b"\x89PNG", "no PLY"),
        (HEAD, "header has no end"),
        (HEAD + b"end_header\n", "no element 'vertex'"),
        (HEAD + b"element vertex 1\nproperty quux x\nend_header\n1\n", "quux"),
        (HEAD + b"element vertex 1\nproperty float x\nend_header\n1\n", "no columns x, y and z"),
        (HEAD + b"element vertex 1\nend_header\n1\n", "x, y and z"),
        (b"ply\nelement vertex 1\nproperty int x\nend_header\n1\n", "no format line"),
        (WHOLE["ascii"].replace(LIE, b"element vertex 1000000000000"), "cut off"),
        (WHOLE[FORMATS[1]].replace(LIE, b"element vertex 1000000000000"), "cut off.*holds"),
        (WHOLE[FORMATS[2]].replace(b"camera 2", b"camera 999999999"), "cut off"),
        (WHOLE["ascii"][:-200], "cut off"),
        (WHOLE[FORMATS[1]][:-50], "cut off"),
        (WHOLE["ascii"].replace(b"uchar red", b"list uchar int red"), "not as many numbers"),
        (WHOLE["ascii"].replace(b"uchar red", b"uchar green"), "one name|two columns"),
        (WHOLE[FORMATS[1]].replace(b"uchar red", b"uchar green"), "one name|two columns"),
    ],
)
def test_damaged_files_are_one_clear_line(tmp_path, data, words):
    with pytest.raises(InputError, match=words) as caught:
        read(put(tmp_path, data))
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))


@given(
    kind=st.sampled_from(FORMATS),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
    length=st.floats(0, 1),
)
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_flipped_bits_raise_nothing_but_input_errors(tmp_path, kind, flips, length):
    data = bytearray(WHOLE[kind])
    for place, value in flips:
        data[int(place * (len(data) - 1))] = value
    source = put(tmp_path, bytes(data[: int(length * len(data))] if length > 0.3 else data))
    try:
        cloud = read(source)
    except InputError:
        return
    write(tmp_path / "copy.ply", cloud, like=source, overwrite=True)
