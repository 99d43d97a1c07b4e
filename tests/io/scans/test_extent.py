"""Where scans lie, and how far from each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.io.scans.extent import ScanExtent

Rows = tuple[NDArray[np.int64], NDArray[np.float32] | None, None]


def test_gaps_are_those_between_the_nearest_sides() -> None:
    one = ScanExtent("", (0.0, 0.0), (10.0, 10.0))
    beside, corner = (
        ScanExtent("", (12.0, 3.0), (20.0, 7.0)),
        ScanExtent("", (11.0, 14.0), (20.0, 20.0)),
    )
    strip, inside = ScanExtent("", (9.5, 0.0), (20.0, 10.0)), ScanExtent("", (2.0, 2.0), (4.0, 5.0))
    assert one.gaps([beside, corner, strip, inside]).tolist() == [2.0, 4.0, -0.5, -2.0]
    assert [other.gaps([one]).tolist() for other in (beside, strip)] == [[2.0], [-0.5]]
