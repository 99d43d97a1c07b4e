"""Voxels that are no numbers become one."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.data.volumes.finite import make_finite
from volseg.errors import InputError


@pytest.mark.parametrize(("least", "value"), [(3.0, 0.0), (-7.0, -7.0)])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_they_are_counted_and_set(least: float, value: float, bad: float) -> None:
    channel = np.linspace(least, 90, 24, dtype=np.float32).reshape(2, 3, 4)
    wanted = channel.copy()
    channel[1, :2, 3] = bad
    wanted[1, :2, 3] = value
    assert make_finite(channel) == (2, value)
    np.testing.assert_array_equal(channel, wanted)
    assert make_finite(channel)[0] == 0


def test_none_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="every voxel is NaN or infinite; export"):
        make_finite(np.full((2, 2, 2), np.nan, np.float32))
