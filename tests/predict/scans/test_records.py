"""Records of points hold what they are made of."""

from __future__ import annotations

import numpy as np

from volseg.geometry import PointCloud
from volseg.predict.scans.records import BEFORE, records_of


def test_records_hold_coordinates_attributes_and_codes() -> None:
    cloud = PointCloud(np.arange(12.0).reshape(4, 3), labels=np.array([3, 1, 2, 0]))
    colour = np.arange(12, dtype=np.float32).reshape(4, 3)
    made = records_of(cloud, {"colour": colour}, before=True)
    np.testing.assert_array_equal(made["xyz"], cloud.xyz)
    np.testing.assert_array_equal(made["colour"], colour)
    assert made[BEFORE].tolist() == [3, 1, 2, 0]
    assert records_of(PointCloud(cloud.xyz), {}, before=True)[BEFORE].tolist() == [0] * 4
    assert records_of(cloud, {}, before=False).dtype.names == ("xyz",)
