from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.io.scans.pcd.lzf import BLOCK, EXPANSION, compress, decompress

RUNS = st.lists(st.tuples(st.binary(min_size=1, max_size=9), st.integers(1, 400)), max_size=8).map(
    lambda runs: b"".join(piece * times for piece, times in runs)
)


@given(st.binary(max_size=300) | RUNS)
@settings(max_examples=200, deadline=None)
def test_what_was_compressed_comes_back(data):
    assert decompress(compress(data), len(data)) == data


def test_repeats_take_less_and_blocks_join():
    data = bytes(range(256)) * 40 + bytes(BLOCK) + b"end"
    packed = compress(data)
    assert len(packed) < len(data) / 50
    assert decompress(packed, len(data)) == data


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"\x02abc", b"abc"),
        (b"\x02abc\x20\x02", b"abcabc"),  # three bytes from three back
        (b"\x00a\x40\x00", b"aaaaa"),  # a copy of what it appends itself
        (b"\x01ab\xe0\x03\x01", b"ab" * 7),  # a length of 7 + 3 + 2
        (b"", b""),
    ],
)
def test_streams_written_by_hand(stream, data):
    assert decompress(stream, len(data)) == data


@pytest.mark.parametrize(
    ("stream", "size"),
    [
        (b"\x02abc", 4), (b"\x02abc", 2), (b"\x05abc", 6), (b"\x02abc\x20", 6),
        (b"\x00a\x20\x01", 4), (b"\xff", 9), (b"\x00a\x40\x00", 3), (b"", 1),
    ],
)  # fmt: skip
def test_other_sizes_and_broken_streams_are_refused(stream, size):
    with pytest.raises(InputError, match="damaged"):
        decompress(stream, size)


def test_a_size_no_stream_could_have_is_refused_before_any_work():
    with pytest.raises(InputError, match="cannot hold"):
        decompress(b"\x00a", 2 * EXPANSION + 1)


@given(st.binary(max_size=60), st.integers(0, 200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_raise_nothing_but_input_errors(data, size):
    try:
        assert len(decompress(data, size)) == size
    except InputError:
        return
