"""Headers of PLY: elements and their properties under both names of a type, and their bytes."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.io.scans.ply.header import ORDERS, TYPES, Element, parse_header, skip

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


@given(
    st.sampled_from([*ORDERS]),
    st.lists(st.tuples(NAMES, st.sampled_from([*TYPES]), st.booleans()), min_size=1, max_size=6),
    st.integers(0, 10**9),
)
def test_properties_are_read_under_both_names_of_a_type(
    order: str, properties: list[tuple[str, str, bool]], count: int
) -> None:
    lines = ["ply", f"format {order} 1.0", "comment by a test", f"element vertex {count}"]
    lines += [f"property {TYPES[code][long]} {name}" for name, code, long in properties]
    lines += ["element face 2", "property list uchar int corners", "end_header"]
    found, (vertex, face) = parse_header([line.encode() + b"\n" for line in lines])
    assert found == ORDERS[order]
    assert (vertex.name, vertex.count, vertex.last) == ("vertex", count, 3 + len(properties))
    assert vertex.fields == [(name, np.dtype(code)) for name, code, _ in properties]
    assert (face.fields, face.lengths) == (
        [("corners", np.dtype("i4"))],
        {"corners": np.dtype("u1")},
    )


@given(st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=5), max_size=5))
def test_lists_are_passed_over_to_their_end(rows: list[list[int]]) -> None:
    corners = ("corners", np.dtype("i4"))
    face = Element("face", len(rows), [corners], {"corners": np.dtype("u1")}, 0)
    data = b"".join(struct.pack(f"<B{len(row)}i", len(row), *row) for row in rows)
    assert skip(b"..." + data + b"behind", 3, face, "<") == 3 + len(data)
    if rows:
        with pytest.raises(InputError, match="is cut off"):
            skip(data[:-1], 0, face, "<")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"property quad x", "has a header line 'property quad x' that PLY does not know"),
        (b"property list float int corners", "that PLY does not know"),
        (b"element face many", "that PLY does not know"),
        (b"format ternary 1.0", "that PLY does not know"),
        (b"", "has no format line"),
    ],
)
def test_lines_ply_does_not_know_are_named(line: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_header([b"ply\n", b"element vertex 1\n", line + b"\n", b"end_header\n"])
