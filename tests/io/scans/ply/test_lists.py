from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.io import read, write

FORMATS = ("ascii", "binary_little_endian", "binary_big_endian")
XYZ = np.array([[654321.25, 2, 3], [4, 5, 6], [7, 8, 9.5]])
VIEWS, WEIGHTS = [[4, 9, 11], [], [7]], [[0.5], [0.25, 0.75], []]
CLASSES, HEIGHTS = [3, 4, 5], [1.5, 2.5, 3.5]


def ply(kind: str, classes: list[int], confidence: list[float] | None = None) -> bytes:
    """Photogrammetry's points: lists before, between and after the properties."""
    header = ["ply", f"format {kind} 1.0", "element vertex 3", "property list uchar int views",
              "property double x", "property double y", "property double z",
              "property list ushort float weights", "property uchar class",
              "property float height"]  # fmt: skip
    header += ["property float confidence"] if confidence else []
    header += ["element face 1", "property list uchar int vertex_indices", "end_header"]
    order = ">" if "big" in kind else "<"

    def pack(values: list[float], code: str) -> bytes:
        if kind == "ascii":
            return "".join(
                f"{value:g} " if code != "f8" else f"{value!r} " for value in values
            ).encode()
        return np.array(values, order + code).tobytes()

    rows = []
    for i in range(3):
        parts = [pack([len(VIEWS[i])], "u1"), pack(VIEWS[i], "i4"), pack(XYZ[i].tolist(), "f8"),
                 pack([len(WEIGHTS[i])], "u2"), pack(WEIGHTS[i], "f4"), pack([classes[i]], "u1"),
                 pack([HEIGHTS[i], *(confidence or [])[i : i + 1]], "f4")]  # fmt: skip
        rows.append(b"".join(parts))
    rows.append(pack([3], "u1") + pack([0, 1, 2], "i4"))
    body = b"".join(one.strip() + b"\n" for one in rows) if kind == "ascii" else b"".join(rows)
    return "\n".join(header).encode() + b"\n" + body


def put(folder: Path, data: bytes) -> Path:
    path = folder / "scan.ply"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", FORMATS)
def test_vertices_with_lists_are_read(tmp_path, kind):
    cloud = read(put(tmp_path, ply(kind, CLASSES)))
    assert np.array_equal(cloud.xyz, XYZ)
    assert cloud.label_field == "class"
    assert cloud.labels.tolist() == CLASSES
    assert list(cloud.attributes) == ["height"]
    assert cloud.attributes["height"].tolist() == HEIGHTS


@pytest.mark.parametrize("kind", FORMATS)
def test_copies_keep_lists_to_the_byte(tmp_path, kind):
    source, copy = put(tmp_path, ply(kind, CLASSES)), tmp_path / "copy.ply"
    confidence = np.array([0.5, 0.25, 0.75], np.float32)
    write(copy, read(source).with_labels(np.array([7, 0, 9]), confidence), like=source)
    assert copy.read_bytes() == ply(kind, [7, 0, 9], confidence.tolist())


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("cut", [20, 40, 60])
def test_vertices_cut_off_within_lists_are_one_line(tmp_path, kind, cut):
    data = ply(kind, CLASSES)
    with pytest.raises(InputError, match=r"cut off|not as many numbers"):
        read(put(tmp_path, data[: len(data) - cut]))


def test_a_list_longer_than_its_line_is_named(tmp_path):
    data = ply("ascii", CLASSES).replace(b"3 4 9 11", b"9 4 9 11")
    with pytest.raises(InputError, match="vertex '9 4 9 11"):
        read(put(tmp_path, data))
