"""Cases of scans: all that is known of points stays with them."""

from __future__ import annotations

import numpy as np

from volseg.report.scans.case import ScanCase


def test_strays_go_with_all_that_is_known_of_them() -> None:
    xyz = np.random.default_rng(0).uniform(0, 10, (500, 3))
    xyz[7] = 1e6
    rows = np.arange(500)
    case = ScanCase("a", xyz, rows, rows + 1, rows.astype(np.float32), ids=(rows, rows + 2))
    near = case.near()
    kept = np.delete(rows, 7)
    assert near.ids is not None
    for values, added in ((near.truth, 0), (near.predicted, 1), (near.confidence, 0),
                          (near.ids[0], 0), (near.ids[1], 2)):  # fmt: skip
        assert np.array_equal(values, kept + added)
    truth, predicted = near.sides
    assert np.array_equal(truth.ids, kept)
    assert np.array_equal(predicted.classes, kept + 1)
