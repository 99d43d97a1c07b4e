from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.labels import UNKNOWN
from volseg.io import read, write
from volseg.io.scans.pcd.lzf import compress, decompress

KINDS = ("ascii", "binary", "binary_compressed")
COUNT = 24
FIELDS = [
    ("x", "<f8", 1), ("y", "<f8", 1), ("z", "<f4", 1), ("_", "|u1", 3), ("rgb", "<f4", 1),
    ("fpfh", "<f4", 5), ("none", "|u1", 0), ("time", "<u8", 1), ("ring", "<i2", 1),
]  # fmt: skip


def rows(extra: list[tuple[str, str, int]]) -> np.ndarray:
    fields = [*FIELDS, *extra]
    kinds = [(name, kind, () if count == 1 else (count,)) for name, kind, count in fields]
    generator = np.random.default_rng(0)
    table = np.empty(COUNT, kinds)
    for name in table.dtype.names:
        table[name] = generator.integers(0, 100, table[name].shape)
    table["x"] += 654321.125
    table["time"] += 2**60
    # No NaN among packed colours: text has no digits for one.
    table["rgb"] = generator.integers(0, 2**24, COUNT, dtype=np.uint32).view(np.float32)
    return table


def pcd(kind: str, extra: list[tuple[str, str, int]], ending: str = "\n") -> bytes:
    """An organised cloud of an odd viewpoint, with comments, padding and fields of many values."""
    table, fields = rows(extra), [*FIELDS, *extra]
    lines = [
        "# .PCD v.7 - made by a test", "VERSION .7",
        "FIELDS " + " ".join(name for name, _, _ in fields),
        "SIZE " + " ".join(kind[2] for _, kind, _ in fields),
        "TYPE " + " ".join(kind[1].upper() for _, kind, _ in fields),
        "# a comment in between",
        "COUNT " + " ".join(str(count) for _, _, count in fields),
        f"WIDTH {COUNT // 2}", "HEIGHT 2", "VIEWPOINT 1 2 3 0.5 0.5 0.5 0.5",
        f"POINTS {COUNT}", f"DATA {kind}",
    ]  # fmt: skip
    head = "".join(line + ending for line in lines).encode()
    if kind == "binary":
        return head + table.tobytes() + b"a tail"
    if kind == "binary_compressed":
        columns = b"".join(table[name].tobytes() for name in table.dtype.names)
        packed = compress(columns)
        return head + struct.pack("<2I", len(packed), len(columns)) + packed + b"a tail"
    texts = []
    for row in table:
        values = [value for name in row.dtype.names for value in np.atleast_1d(row[name])]
        texts.append("  ".join(map(str, values)) + ending)
    return head + "".join(texts).encode() + b"# a tail"


def put(folder: Path, data: bytes) -> Path:
    path = folder / "scan.pcd"
    path.write_bytes(data)
    return path


def body(path: Path) -> tuple[list[bytes], bytes]:
    """Lines of the header, and the points as plain bytes."""
    head, data = path.read_bytes().split(b"DATA ", 1)
    kind, data = data.split(b"\n", 1)
    if kind.startswith(b"binary_compressed"):
        packed, size = struct.unpack_from("<2I", data)
        data = decompress(data[8 : 8 + packed], size) + data[8 + packed :]
    return [*head.splitlines(), b"DATA " + kind], data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_field_is_read(tmp_path, kind, ending):
    extra = [("label", "<u4", 1)]
    cloud, table = read(put(tmp_path, pcd(kind, extra, ending))), rows(extra)
    assert np.array_equal(cloud.xyz, np.stack([table[axis] for axis in "xyz"], axis=1))
    assert np.array_equal(cloud.labels, table["label"])
    assert cloud.label_field == "label"
    assert set(cloud.attributes) == {"colour", "fpfh", "time", "ring"}
    packed = table["rgb"].view(np.uint32)
    colour = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1)
    assert np.array_equal(cloud.attributes["colour"], colour)
    for name in ("fpfh", "time", "ring"):
        assert np.array_equal(cloud.attributes[name], table[name])
        assert cloud.attributes[name].dtype.isnative


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_copy_changes_labels_only(tmp_path, kind, ending):
    source = put(tmp_path, pcd(kind, [("label", "<i2", 1), ("after", "<f4", 1)], ending))
    copy, back, cloud = tmp_path / "copy.pcd", tmp_path / "back.pcd", read(source)
    write(copy, cloud, like=source)
    assert copy.read_bytes() == source.read_bytes()
    labels = np.arange(COUNT) - 5
    write(copy, cloud.with_labels(labels), like=source, overwrite=True)
    assert np.array_equal(read(copy).labels, labels)
    # With the old labels put back, it is the old file.
    write(back, read(copy).with_labels(cloud.labels), like=copy)
    assert back.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_copy_appends_what_the_file_lacks(tmp_path, kind, ending):
    source, copy = put(tmp_path, pcd(kind, [], ending)), tmp_path / "copy.pcd"
    cloud = read(source)
    assert cloud.labels is None
    labels, confidence = np.arange(COUNT), np.linspace(0, 1, COUNT, dtype=np.float32)
    write(copy, cloud.with_labels(labels, confidence), like=source)
    back = read(copy)
    assert np.array_equal(back.labels, labels)
    assert np.array_equal(back.attributes["confidence"], confidence)
    for name, values in cloud.attributes.items():
        assert np.array_equal(back.attributes[name], values)
    assert np.array_equal(back.xyz, cloud.xyz)
    # What the header says of the points before stays in its place.
    old, new = body(source)[0], body(copy)[0]
    tails = {b"FIELDS": b" confidence label", b"SIZE": b" 4 4", b"TYPE": b" F U", b"COUNT": b" 1 1"}
    assert new == [line + tails.get(line.split()[0], b"") for line in old]
    assert copy.read_bytes().endswith(b"a tail")


def test_alpha_is_an_attribute_of_its_own(tmp_path):
    head = b"VERSION 0.7\nFIELDS x y z rgba\nSIZE 4 4 4 4\nTYPE F F F U\nWIDTH 1\nHEIGHT 1\n"
    source = put(tmp_path, head + b"POINTS 1\nDATA ascii\n1 2 3 2147549952\n")  # 0x80010300
    cloud = read(source)
    assert cloud.attributes["colour"].tolist() == [[1, 3, 0]]
    assert cloud.attributes["alpha"].tolist() == [128]
    write(tmp_path / "copy.pcd", cloud.with_labels(np.array([7])), like=source)
    assert (tmp_path / "copy.pcd").read_bytes().endswith(b"1 2 3 2147549952 7\n")


def test_colours_apart_and_packed_ones_stand_side_by_side(tmp_path):
    head = b"FIELDS x y z r g b rgb\nSIZE 4 4 4 1 1 1 4\nTYPE F F F U U U U\nWIDTH 1\nHEIGHT 1\n"
    cloud = read(put(tmp_path, head + b"DATA ascii\n1 2 3 4 5 6 7\n"))
    assert cloud.attributes["colour"].tolist() == [[4, 5, 6]]
    assert cloud.attributes["rgb"].tolist() == [7]


def test_text_keeps_every_digit(tmp_path):
    head = b"FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nWIDTH 1\nHEIGHT 1\nDATA ascii\n"
    cloud = read(put(tmp_path, head + b"654321.123 6543210.987 1\n"))
    assert cloud.xyz.tolist() == [[654321.123, 6543210.987, 1.0]]


DTYPES = st.sampled_from(["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8", "?"])
FLOATS = st.floats(-1e9, 1e9)


@given(
    xyz=arrays.arrays(np.float64, st.tuples(st.integers(0, 6), st.just(3)), elements=FLOATS),
    dtype=DTYPES,
    width=st.integers(1, 4),
    data=st.data(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_new_file_gives_back_what_was_written(tmp_path, xyz, dtype, width, data):
    count = len(xyz)
    values = data.draw(arrays.arrays(dtype, (count, width) if width > 1 else count))
    colour = data.draw(arrays.arrays("u2", (count, 3), elements=st.integers(0, 300)))
    labels = data.draw(arrays.arrays(np.int64, count))
    attributes = {"values": values, "colour": colour, "label": np.arange(count, dtype="u1")}
    try:
        write(tmp_path / "a.pcd", PointCloud(xyz, attributes, labels), overwrite=True)
    except InputError:  # Unknown is NaN, and floats do not hold such ids beside it.
        assert UNKNOWN in labels
        assert (np.abs(labels[labels != UNKNOWN].astype(float)) >= 2**53).any()
        return
    back = read(tmp_path / "a.pcd")
    assert np.array_equal(back.xyz, xyz)
    assert np.array_equal(back.labels, labels)
    assert back.attributes["values"].tobytes() == values.tobytes()
    assert np.array_equal(back.attributes["colour"], colour)
    assert np.array_equal(back.attributes["label_original"], attributes["label"])


@pytest.mark.parametrize("name", ["a.pcd", "a.ply", "a.npz", "a.csv", "coord.npy"])
@pytest.mark.parametrize("large", [2**53, 2**53 + 1, 2**62])
def test_ids_floats_cannot_tell_apart_are_refused_beside_unknown(tmp_path, name, large):
    cloud = PointCloud(np.zeros((2, 3)), {}, np.array([UNKNOWN, large]))
    with pytest.raises(InputError, match=f"cannot hold class id {large}"):
        write(tmp_path / name, cloud)
    assert list(tmp_path.iterdir()) == []
    write(tmp_path / name, cloud.with_labels(np.array([UNKNOWN, 2**53 - 1])))
    assert read(tmp_path / name).labels.tolist() == [UNKNOWN, 2**53 - 1]


def test_coordinates_are_narrow_where_nothing_is_lost(tmp_path):
    for x, size in ((0.5, b"SIZE 4 4 4\n"), (0.1, b"SIZE 8 8 8\n")):
        write(tmp_path / "a.pcd", PointCloud(np.array([[x, 0, 1]])), overwrite=True)
        assert size in (tmp_path / "a.pcd").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_label_its_type_cannot_hold_is_refused(tmp_path, kind):
    source = put(tmp_path, pcd(kind, [("label", "|u1", 1)]))
    for code in (256, -1):
        with pytest.raises(InputError, match=f"uint8 cannot hold class id {code}"):
            write(tmp_path / "b.pcd", read(source).with_labels(np.full(COUNT, code)), like=source)


WHOLE = {kind: pcd(kind, [("label", "|u1", 1)]) for kind in KINDS}
HEAD = b"FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 2\nHEIGHT 1\nPOINTS 2\n"
LIE = f"WIDTH {COUNT // 2}\nHEIGHT 2".encode(), f"POINTS {COUNT}".encode()


def lie(data: bytes, points: int) -> bytes:
    number = str(points).encode()
    return data.replace(LIE[0], b"WIDTH " + number).replace(LIE[1], b"POINTS " + number)


def resized(packed: int, unpacked: int) -> bytes:
    data = WHOLE["binary_compressed"]
    place = data.index(b"DATA ") + len(b"DATA binary_compressed\n")
    return data[:place] + struct.pack("<2I", packed, unpacked) + data[place + 8 :]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no PCD file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(90), "no PCD file"),
        (HEAD, "no DATA line"),
        (b"VERSION 0.7\nDATA ascii\n", "0 FIELDS"),
        (HEAD.replace(b"SIZE 4 4 4", b"SIZE 4 4") + b"DATA ascii\n", "2 SIZE"),
        (HEAD.replace(b"SIZE 4 4 4", b"SIZE 4 4 3") + b"DATA ascii\n", "SIZE 3"),
        (HEAD.replace(b"COUNT 1 1 1", b"COUNT 1 1 0") + b"DATA ascii\n1 2\n3 4\n", "no columns x"),
        (HEAD.replace(b"COUNT 1 1 1", b"COUNT 1 1 x") + b"DATA ascii\n", "COUNT is 'x'"),
        (HEAD.replace(b"WIDTH 2", b"WIDTH -2") + b"DATA ascii\n", "WIDTH is '-2'"),
        (HEAD.replace(b"POINTS 2", b"POINTS 3") + b"DATA ascii\n", "3 POINTS are not WIDTH 2"),
        (HEAD + b"DATA zipped\n", "DATA 'zipped'"),
        (HEAD.replace(b"x y z", b"x y w") + b"DATA ascii\n1 2 3\n4 5 6\n", "no columns x, y"),
        (HEAD.replace(b"x y z", b"x x z") + b"DATA ascii\n1 2 3\n4 5 6\n", "fields of one name"),
        (HEAD + b"DATA ascii\n1 2 3\n", "cut off.*2 points.*holds 1"),
        (HEAD + b"DATA ascii\n1 2 3\n4 5\n", "not 3 numbers each"),
        (HEAD + b"DATA ascii\n1 2 3\n4 5 x\n", "not 3 numbers each"),
        (HEAD + b"DATA binary\n" + bytes(23), "cut off.*2 points.*holds 1"),
        (lie(WHOLE["ascii"], 10**12), "cut off"),
        (lie(WHOLE["binary"], 10**15), "cut off"),
        (lie(WHOLE["binary_compressed"], 10**12), "damaged"),
        (resized(10**9, 66 * COUNT), "damaged|cut off"),
        (resized(100, 2**32 - 1), "damaged"),
        (WHOLE["binary_compressed"][:-300], "cut off"),
        (WHOLE["ascii"][:-300], "cut off|numbers"),
    ],
)
def test_damaged_files_are_one_clear_line(tmp_path, data, words):
    with pytest.raises(InputError, match=words) as caught:
        read(put(tmp_path, data))
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))


@pytest.mark.parametrize("kind", KINDS)
def test_no_points_are_read_and_written(tmp_path, kind):
    head = HEAD.replace(b"WIDTH 2", b"WIDTH 0").replace(b"POINTS 2", b"POINTS 0")
    source = put(tmp_path, head + f"DATA {kind}\n".encode())
    cloud = read(source)
    assert len(cloud) == 0
    write(tmp_path / "b.pcd", cloud.with_labels(np.empty(0, np.int64)), like=source)
    assert len(read(tmp_path / "b.pcd").labels) == 0


@given(
    kind=st.sampled_from(KINDS),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
    length=st.floats(0, 1),
)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_flipped_bits_raise_nothing_but_input_errors(tmp_path, kind, flips, length):
    data = bytearray(WHOLE[kind])
    for place, value in flips:
        data[int(place * (len(data) - 1))] = value
    source = put(tmp_path, bytes(data[: int(length * len(data))] if length > 0.3 else data))
    try:
        cloud = read(source)
    except InputError:
        return
    write(tmp_path / "copy.pcd", cloud, like=source, overwrite=True)
