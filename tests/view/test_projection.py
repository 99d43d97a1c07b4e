"""Clouds in parallel projection: true to scale, the nearest in front, any cloud drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from volseg.errors import InputError
from volseg.view.camera import View
from volseg.view.projection import draw_scale, project, round_length

VIEWS: tuple[View, ...] = ("oblique", "top", "side")
RED, BLUE = (255, 0, 0), (0, 0, 255)


def plane(side: float, height: float, count: int = 80) -> NDArray[np.float64]:
    x, y = np.meshgrid(*(np.linspace(0, side, count),) * 2)
    return np.stack([x.ravel(), y.ravel(), np.full(x.size, height)], axis=1)


def colours(*parts: tuple[int, tuple[int, int, int]]) -> NDArray[np.uint8]:
    return np.concatenate([np.tile(np.uint8(colour), (many, 1)) for many, colour in parts])


def covered(image: Image.Image, colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    pixels = np.asarray(image).astype(int)
    channel = int(np.argmax(colour))
    others = [one for one in range(3) if one != channel]
    return np.asarray(pixels[..., channel] > pixels[..., others].max(axis=2) + 60)


@pytest.mark.parametrize("most", [(400, 300), (200, 900)])
def test_a_metre_is_as_many_pixels_everywhere(most: tuple[int, int]) -> None:
    points = plane(50, 0)
    seen = project(points, "top", most)
    found = covered(seen.paint(colours((len(points), RED))), RED)
    sides = [np.ptp(places) + 1 for places in np.nonzero(found)]
    assert sides == pytest.approx([50 / seen.metres] * 2, abs=12)


def test_what_is_above_hides_what_is_below() -> None:
    low, high = plane(20, 0), plane(20, 5)
    table = colours((len(low), RED), (len(high), BLUE))
    for order in (slice(None), slice(None, None, -1)):
        points = np.concatenate([low, high])[order]
        image = project(points, "top", (300, 300)).paint(table[order])
        assert covered(image, BLUE).mean() > 0.8
        assert not covered(image, RED).any()


def test_points_on_top_are_seen_through_others() -> None:
    points = np.concatenate([plane(20, 0), plane(20, 5)])
    table = colours((6400, RED), (6400, BLUE))
    on_top = np.arange(len(points)) < 6400
    image = project(points, "top", (300, 300), on_top).paint(table)
    assert covered(image, RED).mean() > 0.8
    assert not covered(image, BLUE).any()
    none = project(points, "top", (300, 300), np.zeros(len(points), dtype=bool))
    assert (none.seen == project(points, "top", (300, 300)).seen).all()


def test_north_is_up_and_east_is_right_from_above() -> None:
    points = np.concatenate([plane(20, 0), np.tile([[18.0, 19.0, 3.0]], (9, 1))])
    image = project(points, "top", (300, 300)).paint(colours((6400, RED), (9, BLUE)))
    rows, columns = np.nonzero(covered(image, BLUE))
    assert rows.mean() < 0.15 * image.height
    assert columns.mean() > 0.85 * image.width


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("count", [1, 2, 3, 1000])
@pytest.mark.parametrize("shape", [(0, 0, 0), (1, 0, 0), (0, 0, 1), (1e4, 1e-3, 1), (5, 5, 5)])
def test_any_cloud_has_a_picture(view: View, count: int, shape: tuple[float, ...]) -> None:
    points = np.random.default_rng(0).random((count, 3)) * shape + [6e5, 5e6, 300.0]
    seen = project(points, view, (300, 240))
    image = seen.paint(colours((count, RED)))
    assert image.width <= 300
    assert image.height <= 240
    assert covered(image, RED).any()
    assert seen.metres > 0


def test_far_strays_do_not_make_the_rest_small() -> None:
    points = plane(20, 0)
    strays = np.concatenate([points, [[1e5, 1e5, 0.0]]])
    assert project(strays, "top", (300, 300)).metres < 2 * project(points, "top", (300, 300)).metres


def test_coordinates_of_millions_of_metres_lose_nothing() -> None:
    near = plane(3, 0)
    far = near + [2_600_000.0, 6_700_000.0, 0.0]
    table = colours((3200, RED), (3200, BLUE))
    one, other = (project(points, "top", (300, 300)).paint(table) for points in (near, far))
    assert (np.abs(np.asarray(one).astype(int) - np.asarray(other)) > 40).mean() < 0.01


def test_no_point_is_refused() -> None:
    with pytest.raises(InputError, match="no point"):
        project(np.empty((0, 3)), "top", (300, 300))


@given(st.floats(1e-6, 1e9))
def test_a_round_length_is_one_two_or_five_and_fits(most: float) -> None:
    length = round_length(most)
    assert most / 2.5000001 < length <= most * 1.0000001
    assert f"{length:.0e}"[0] in "125"


@pytest.mark.parametrize("metres", [1e-5, 0.003, 0.1, 7.0, 900.0])
def test_the_bar_is_as_long_as_it_says(metres: float) -> None:
    plain = Image.new("RGB", (400, 50), (255, 255, 255))
    drawn = np.asarray(draw_scale(plain, metres, 14))[50:]
    row = (drawn < 100).all(axis=2).sum(axis=1).max()
    length = round_length(metres * 100)
    assert row * metres == pytest.approx(length, abs=60 * metres)
    assert row * metres >= length
