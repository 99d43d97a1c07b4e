"""A disk that fills up while LAZ is written speaks for itself."""

from __future__ import annotations

import errno
import io
import struct
from typing import Any

import numpy as np
import pytest

from tests.io.scans.las.layout import compressed, damaged
from volseg.errors import InputError
from volseg.io import read
from volseg.io.scans.las import laz


class FullDisk(io.BytesIO):
    """Takes a few bytes, then no more."""

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > 100:
            raise OSError(errno.ENOSPC, "no space")
        return super().write(data)


def test_a_full_disk_is_an_error_of_the_system() -> None:
    records = np.random.default_rng(0).integers(0, 256, (5000, 30)).astype(np.uint8)
    with pytest.raises(OSError, match="no space") as caught:
        laz.compress(FullDisk(), laz.new_record(6, 0), [records])
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_truncated_laz_is_refused(make_las, tmp_path, share):
    data = compressed(make_las, tmp_path, 2000)
    (tmp_path / "cut.laz").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match=r"cut\.laz"):
        read(tmp_path / "cut.laz")


def test_laz_claiming_a_million_million_points_is_refused(make_las, tmp_path):
    data = compressed(make_las, tmp_path, 2000)
    (tmp_path / "lie.laz").write_bytes(damaged(data, 247, "<Q", 10**12))
    with pytest.raises(InputError, match="1,000,000,000,000"):
        read(tmp_path / "lie.laz")


def test_layers_larger_than_their_chunk_are_refused_before_they_are_read(make_las, tmp_path):
    data = compressed(make_las, tmp_path, 2000)
    first_layer = struct.unpack_from("<I", data, 96)[0] + 8 + 30 + 4
    (tmp_path / "lie.laz").write_bytes(damaged(data, first_layer, "<I", 2**32 - 1))
    with pytest.raises(InputError, match="LAZ chunk 1 of 1 is cut off"):
        read(tmp_path / "lie.laz")
