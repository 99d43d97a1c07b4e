"""Surfaces of masks: where the mask is, as large as it, seen from outside, lit in one hue."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.view.legend import Entry
from volseg.view.scene import Mesh
from volseg.view.volumes.surfaces import coarsening, surface

pytestmark = pytest.mark.usefixtures("drawing")
COLOUR = (200, 100, 40)
ENTRY = Entry("bone", COLOUR)


def ball(
    radius: float, sides: tuple[int, int, int], centre: tuple[float, ...]
) -> NDArray[np.bool_]:
    offsets = np.indices(sides) - np.reshape(centre, (3, 1, 1, 1))
    return np.asarray((offsets**2).sum(axis=0) < radius**2)


def volume_of(mesh: Mesh) -> float:
    """Of a closed surface whose triangles are seen from outside, by the divergence theorem."""
    a, b, c = (mesh.xyz[mesh.triangles[:, corner]] for corner in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, 1), (-1, -1, 1), (1, -1, -1)])
def test_a_ball_is_where_it_is_and_as_large_in_any_orientation(signs: tuple[int, ...]) -> None:
    mask = ball(7, (26, 22, 30), (12, 10, 16))
    affine = np.diag([*np.multiply(signs, (1.0, 2.0, 0.5)), 1.0])
    affine[:3, 3] = (100, -50, 7)
    mesh = surface(mask, affine, ENTRY)
    middle = affine[:3, :3] @ (12, 10, 16) + affine[:3, 3]
    assert np.allclose((mesh.xyz.min(axis=0) + mesh.xyz.max(axis=0)) / 2, middle, atol=0.3)
    assert volume_of(mesh) == pytest.approx(mask.sum() * 1.0, rel=0.03)


def test_every_edge_belongs_to_two_triangles() -> None:
    mesh = surface(ball(5, (12, 12, 12), (5, 6, 6)), np.eye(4), ENTRY)
    edges = np.sort(mesh.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()


def test_a_mask_up_to_the_edge_is_closed_too() -> None:
    mesh = surface(np.ones((5, 6, 7), dtype=bool), np.eye(4), ENTRY)
    assert volume_of(mesh) == pytest.approx(5 * 6 * 7, rel=0.1)


def test_a_mask_too_large_for_a_screen_keeps_its_place_and_size() -> None:
    mask = ball(18, (50, 44, 41), (25, 22, 20))
    fine, coarse = (surface(mask, np.eye(4), ENTRY, most) for most in (10**6, 9000))
    assert len(coarse.triangles) < len(fine.triangles) / 3
    assert volume_of(coarse) == pytest.approx(volume_of(fine), rel=0.05)
    for end in (np.min, np.max):
        assert np.allclose(end(coarse.xyz, axis=0), end(fine.xyz, axis=0), atol=1.0)


def test_what_is_thin_is_kept_where_that_is_asked_for() -> None:
    sheet = np.zeros((60, 60, 60), dtype=bool)
    sheet[30, 10:50, 10:50] = True
    lost, kept = (surface(sheet, np.eye(4), ENTRY, 8000, thin=one) for one in (False, True))
    assert len(lost.triangles) == 0
    assert np.ptp(kept.xyz[:, 1]) == pytest.approx(40, abs=3)


def test_nothing_has_no_surface() -> None:
    mesh = surface(np.zeros((4, 4, 4), dtype=bool), np.eye(4), ENTRY)
    assert (len(mesh.xyz), len(mesh.triangles), len(mesh.colours)) == (0, 0, 0)
    assert mesh.name == "bone"


def test_light_keeps_the_hue_and_falls_from_above() -> None:
    mesh = surface(ball(7, (16, 16, 16), (8, 8, 8)), np.eye(4), ENTRY)
    shares = mesh.colours / mesh.colours.max(axis=1, keepdims=True)
    assert np.allclose(shares, np.array(COLOUR) / max(COLOUR), atol=0.02)
    above = mesh.xyz[:, 2] > 12
    assert mesh.colours[above].mean() > mesh.colours[mesh.xyz[:, 2] < 4].mean() + 10
    assert mesh.colours[:, 0].max() <= COLOUR[0]


@settings(max_examples=100, deadline=None)
@given(
    shape=st.tuples(*[st.integers(1, 700)] * 3),
    spacing=st.tuples(*[st.floats(0.1, 8)] * 3),
    most=st.integers(1, 10**6),
)
def test_cells_are_as_few_as_asked_for_and_no_fewer_than_needed(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], most: int
) -> None:
    factors = coarsening(shape, np.array(spacing), most)
    cells = math.prod(-(-side // factor) for side, factor in zip(shape, factors, strict=True))
    assert cells <= most
    if math.prod(shape) <= most:
        assert factors == (1, 1, 1)
