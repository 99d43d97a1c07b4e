"""Facets: shapes fill what they say, moves add up, objects of joined parts stay apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.synthetic.extent import extent
from volseg.synthetic.facets import Facets, box, discs, join, quads, rectangle, rod, sheet
from volseg.synthetic.labels import Label, Material, Skin

SKIN = Skin(Label.VEHICLE, Material.PAINT)


def random_facets(seed: int) -> Facets:
    a, b, c, d = np.random.default_rng(seed).normal(size=(4, 5, 3))
    return join([quads(a, b, c, d, SKIN), discs(a, np.cross(b, c), b, SKIN)])


def test_objects_of_parts_stay_apart() -> None:
    shape = box((0, 0, 0), (1, 1, 1), SKIN)
    pair = join([shape, shape.as_object(), shape.as_object().moved(3, 0, 0)])
    every = join([pair, shape, pair])
    size = len(shape)
    assert [*every.instance[::size]] == [0, 1, 2, 0, 0, 3, 4]
    assert (join([every]).as_object().instance == 1).all()


@given(st.integers(0, 99), st.floats(-4, 4), st.floats(-4, 4))
def test_moves_add_up(seed: int, first: float, second: float) -> None:
    facets = random_facets(seed)
    twice = facets.moved(1, 2, 3, first).moved(0, 0, 0, second)
    once = facets.moved(0, 0, 0, first + second).moved(
        np.cos(second) - 2 * np.sin(second), np.sin(second) + 2 * np.cos(second), 3
    )
    for own, other in ((twice.anchor, once.anchor), (twice.u, once.u), (twice.v, once.v)):
        np.testing.assert_allclose(own, other, atol=1e-9)


@given(st.integers(0, 99))
def test_spheres_hold_their_facets(seed: int) -> None:
    facets = random_facets(seed)
    centre, radius = facets.bounds()
    for number in range(len(facets)):
        low, high = extent(
            Facets(*(column[number : number + 1] for column in vars(facets).values()))
        )
        assert (low >= centre[number] - radius[number] - 1e-9).all()
        assert (high <= centre[number] + radius[number] + 1e-9).all()


@pytest.mark.parametrize("size", [(1.0, 1.0, 1.0), (7.0, 0.3, 12.0)])
def test_shapes_fill_what_they_say(size: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(
        extent(box((1, 2, 3), np.add((1, 2, 3), size), SKIN)),
        ((1, 2, 3), np.add((1, 2, 3), size)),
        atol=1e-9,
    )
    flat = rectangle((0, 0, 0), (size[0], 0, 0), (0, 0, size[2]), SKIN)
    area = 4 * np.linalg.norm(np.cross(flat.u, flat.v), axis=1).sum()
    assert area == pytest.approx(size[0] * size[2])
    low, high = extent(rod((0, 0, 0), (0, 0, size[2]), 0.1, SKIN))
    np.testing.assert_allclose((low[2], high[2]), (0, size[2]), atol=1e-9)
    assert np.abs((low[:2], high[:2])).max() <= 0.1 + 1e-9


def test_a_sheet_passes_through_its_heights() -> None:
    x, y = np.arange(3.0), np.arange(4.0)
    z = np.random.default_rng(0).normal(size=(3, 4))
    low, high = extent(sheet(x, y, z, SKIN))
    np.testing.assert_allclose(low, (0, 0, z.min()))
    np.testing.assert_allclose(high, (2, 3, z.max()))


def test_quads_leave_out_triangles_without_area() -> None:
    a, b, c = np.eye(3)[:, None]
    assert len(quads(a, b, c, np.zeros((1, 3)), SKIN)) == 2
    assert len(quads(a, b, c, a, SKIN)) == 1
    assert len(quads(a, b, b, a, SKIN)) == 0
