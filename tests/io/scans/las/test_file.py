"""LAS as bytes: every length is checked, and damage is one clear line."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.io.scans.las.layout import damaged
from volseg.errors import InputError
from volseg.io import read, write


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: b"", "LASF"),
        (lambda data: b"\x89PNG\r\n" + data, "LASF"),
        (lambda data: data[:100], "cut off"),
        (lambda data: data[:-1], "cut off.*57 points.*56"),
        (lambda data: damaged(data, 247, "<Q", 10**12), "cut off.*1,000,000,000,000 points"),
        (lambda data: damaged(data, 100, "<I", 2**32 - 1), "damaged"),
        (lambda data: damaged(data, 96, "<I", 2**32 - 1), "cut off"),
        (lambda data: damaged(data, 94, "<H", 65535), "damaged"),
        (lambda data: damaged(data, 105, "<H", 0), "damaged"),
        (lambda data: damaged(data, 104, "<B", 11), "point format 11"),
        (lambda data: damaged(data, 25, "<B", 9), "LAS 1.9"),
        (lambda data: damaged(data, 243, "<I", 2**32 - 1), "cut off"),
        (lambda data: damaged(data, 131, "<d", float("nan")), "NaN"),
    ],
)
def test_damaged_las_is_one_clear_line(make_las, tmp_path, damage, words):
    path = tmp_path / "scan.las"
    path.write_bytes(damage(make_las(6).to_bytes()))
    with pytest.raises(InputError, match=words) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_flipped_bits_raise_nothing_but_input_errors(make_las, tmp_path, data):
    path = tmp_path / "scan.laz"
    kinds = tmp_path / "las.bytes", tmp_path / "laz.bytes"
    if not kinds[0].exists():
        body = bytes(2) + struct.pack("<BB32s", 9, 0, b"extra") + bytes(156)
        file = make_las(6, count=50, extra=4, vlrs=[(b"LASF_Spec", 4, body)])
        kinds[0].write_bytes(file.to_bytes())
        (tmp_path / "source.las").write_bytes(file.to_bytes())
        write(path, read(tmp_path / "source.las"), like=tmp_path / "source.las")
        kinds[1].write_bytes(path.read_bytes())
    whole = bytearray(data.draw(st.sampled_from(kinds)).read_bytes())
    # Most of the structure is in the first kilobyte.
    positions = st.one_of(st.integers(0, min(len(whole), 800) - 1), st.integers(0, len(whole) - 1))
    for position, value in data.draw(
        st.lists(st.tuples(positions, st.integers(0, 255)), min_size=1, max_size=6)
    ):
        whole[position] = value
    path.write_bytes(whole[: data.draw(st.integers(len(whole) // 2, len(whole)))])
    with suppress(InputError):
        read(path)
