"""A disk that fills up while LAZ is written speaks for itself."""

from __future__ import annotations

import errno
import io
from typing import Any

import numpy as np
import pytest

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
