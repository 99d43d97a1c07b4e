"""Headers of PCD: what is written is read, fields are added in their lines, lies are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.io.scans.pcd.header import TYPES, Field, parse_header, write_header

FIELDS = st.lists(
    st.builds(
        Field,
        st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True),
        st.sampled_from([*TYPES.values()]),
        st.integers(1, 9),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda field: field.name,
)


@given(FIELDS, st.integers(0, 10**9))
def test_what_is_written_is_read(fields: list[Field], points: int) -> None:
    header = parse_header(write_header(fields, points))
    assert (header.fields, header.points, header.kind) == (tuple(fields), points, "binary")
    assert header.itemsize == header.dtype().itemsize == sum(field.itemsize for field in fields)


@given(FIELDS, st.integers(1, 5))
def test_fields_are_added_at_the_end(fields: list[Field], cut: int) -> None:
    own, added = fields[:cut], fields[cut:]
    header = parse_header(write_header(own, 7))
    again = parse_header(b"".join(header.extended(added)))
    assert again == parse_header(write_header(fields, 7))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((b"SIZE 4 4", b"SIZE 4"), "2 FIELDS, 1 SIZE"),
        ((b"TYPE F F", b"TYPE F Q"), "of TYPE Q and SIZE 4"),
        ((b"POINTS 3", b"POINTS 4"), "4 POINTS are not WIDTH 3 x HEIGHT 1"),
        ((b"DATA binary", b"DATA zipped"), "has DATA 'zipped'"),
        ((b"HEIGHT 1", b"HEIGHT one"), "HEIGHT is 'one', no number"),
        ((b"VIEWPOINT", b"VIEW"), "has a line 'VIEW'"),
        ((b"DATA binary\n", b""), "has no DATA line"),
        ((b"COUNT 1 1", b"COUNT 1 1048576"), "of COUNT 1,048,576"),
    ],
)
def test_headers_that_contradict_themselves_are_refused(
    change: tuple[bytes, bytes], words: str
) -> None:
    fields = [Field("x", TYPES["F", "4"]), Field("y", TYPES["F", "4"])]
    data = write_header(fields, 3)
    assert change[0] in data
    with pytest.raises(InputError, match=words):
        parse_header(data.replace(*change))
