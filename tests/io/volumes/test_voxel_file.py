from __future__ import annotations

import gzip

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.io.volumes.voxel_file import VoxelFile

VALUES = np.random.default_rng(0).integers(0, 2**31, 3000).astype("<i4")


@pytest.fixture(params=["plain", "gzip", "two gzip members"])
def content(request):
    data = b"head" + VALUES.tobytes()
    if request.param == "plain":
        return data
    if request.param == "gzip":
        return gzip.compress(data)
    return gzip.compress(data[:5000]) + gzip.compress(data[5000:])


def test_values_come_back_from_any_offset(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    with VoxelFile(tmp_path / "a") as file:
        assert file.read(4) == b"head"
        assert np.array_equal(file.array(4, VALUES.dtype, 3000), VALUES)
    with VoxelFile(tmp_path / "a") as file:
        assert np.array_equal(file.array(404, VALUES.dtype, 100), VALUES[100:200])


def test_any_cut_is_told(tmp_path, content):
    for cut in (0, 1, 20, len(content) // 2, len(content) - 1):
        (tmp_path / "a").write_bytes(content[:cut])
        with VoxelFile(tmp_path / "a") as file, pytest.raises(InputError, match="is cut short"):
            file.array(4, VALUES.dtype, 3000)


def test_a_flipped_byte_of_compressed_data_is_told(tmp_path):
    content = bytearray(gzip.compress(b"head" + VALUES.tobytes()))
    for place in (len(content) // 2, len(content) - 8):  # in the data, in the checksum
        damaged = content.copy()
        damaged[place] ^= 0xFF
        (tmp_path / "a").write_bytes(damaged)
        with VoxelFile(tmp_path / "a") as file, pytest.raises(InputError, match="damaged"):
            file.array(0, np.dtype("u1"), 10)


def test_more_than_a_file_can_hold_is_refused_before_reading(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    with VoxelFile(tmp_path / "a") as file:
        with pytest.raises(InputError, match="promises 1,000,000,000,000,000,004 bytes"):
            file.array(4, np.dtype("u1"), 10**18)
        assert file.read(4) == b"head"  # nothing was read
