"""Views of a scan: turned and mirrored, and back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from volseg.data.scans.features import Feature
from volseg.data.scans.samples import prepare
from volseg.geometry import PointCloud
from volseg.predict.scans.views import VIEWS, turns, views


def test_views_turn_and_mirror_the_scan_and_leave_its_shape(
    boxes: Callable[..., PointCloud],
) -> None:
    scan = prepare(boxes(7, 40), (Feature("height"),))
    sides = list(views(scan, 1.6))
    assert len({tuple(np.round(one.metres[0], 3)) for one in sides}) == len(sides) == VIEWS
    np.testing.assert_array_equal(sides[0].metres, scan.metres)
    for one in sides:
        rise = one.metres[:, 2] - scan.metres[:, 2]
        np.testing.assert_allclose(rise, rise[0], atol=1e-6)
        assert 0.0 <= rise[0] < 1.6
        np.testing.assert_array_equal(one.attributes["height"], scan.attributes["height"])
        gaps, wanted = (
            np.linalg.norm(metres - metres[0], axis=1) for metres in (one.metres, scan.metres)
        )
        np.testing.assert_allclose(gaps, wanted, atol=1e-6)
    a, b, c = (np.array([one.metres[k, :2] for one in sides]) for k in range(3))
    (right, up), (over, top) = (b - a).T, (c - a).T
    hands = np.sign(right * top - up * over)
    assert set(hands[::2] * hands[0]) == {1.0}
    assert set(hands[1::2] * hands[0]) == {-1.0}


def test_shifts_cut_cells_and_voxels_everywhere(boxes: Callable[..., PointCloud]) -> None:
    places = [one.metres.mean(axis=0) for one in views(prepare(boxes(7, 40), ()), 8.0)]
    z = np.sort([place[2] - places[0][2] for place in places])
    # Eight views of a cell of eight metres, and of voxels of one.
    assert np.diff(z, append=8.0 + z[0]).max() < 2.5
    assert np.diff(np.sort(z % 1.0), append=1.0).max() < 0.3


def test_turns_lead_back(boxes: Callable[..., PointCloud]) -> None:
    scan = prepare(boxes(7, 40), ())
    way = scan.metres - scan.metres[0]
    for turn, view in zip(turns(), views(scan, 1.6), strict=True):
        np.testing.assert_allclose((view.metres - view.metres[0]) @ turn, way, atol=1e-9)
