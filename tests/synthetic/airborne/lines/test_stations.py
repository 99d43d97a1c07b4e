"""Stations along a line: evenly apart, on the ground, from end to end."""

from __future__ import annotations

import numpy as np

from tests.synthetic.airborne.land import hills
from tests.synthetic.extent import extent
from volseg.synthetic.airborne.lines.stations import along, headings, put, sideways, stations
from volseg.synthetic.facets import box
from volseg.synthetic.labels import Label, Material, Skin

LINE = np.array([[0.0, 0], [30, 0], [30, 40]])


def test_stations_are_evenly_apart_on_the_ground_and_keep_the_ends() -> None:
    points = stations(hills(), LINE, 2.0)
    assert len(points) == 36
    np.testing.assert_allclose(points[[0, -1], :2], LINE[[0, -1]])
    np.testing.assert_allclose(points[:, 2], hills().height(points[:, 0], points[:, 1]))
    gaps = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1)
    assert gaps.max() <= 2 + 1e-9


def test_what_else_a_line_carries_is_shared_out() -> None:
    raised = np.column_stack((LINE, [0.0, 3, 7]))
    np.testing.assert_allclose(along(raised, 10)[:, 2], np.arange(8))


def test_sideways_is_to_the_left_of_the_heading() -> None:
    points = along(LINE[:2], 5)
    np.testing.assert_allclose(headings(points), 0)
    np.testing.assert_allclose(sideways(points, 2)[:, 1], 2)


def test_what_is_put_somewhere_is_turned_and_moved() -> None:
    crate = box((0, 0, 0), (2, 1, 1), Skin(Label.BUILDING, Material.BRICK))
    low, high = extent(put(crate, np.array([5.0, 6, 7]), np.pi / 2))
    np.testing.assert_allclose((low, high), ((4, 6, 7), (5, 8, 8)), atol=1e-9)
