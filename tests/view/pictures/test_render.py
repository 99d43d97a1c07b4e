"""Drawing: order and origin do not matter, every camera is on its own, colours stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.view.camera import Camera, LocalFrame, aim
from volseg.view.pictures.render import OVERSAMPLING, dot, draw, enlarged, render, to_open3d
from volseg.view.scene import Mesh, Part, Points

RED, BLUE = (200, 30, 30), (30, 30, 200)
SIZE = (160, 120)
FRAME = LocalFrame(np.zeros(3), 8.0)
NOTHING = Points(np.zeros((0, 3)), np.zeros((0, 3), np.uint8))
needs_drawing = pytest.mark.usefixtures("drawing")


def cloud(colour: tuple[int, int, int] = RED, n: int = 2000, east: float = 0.0) -> Points:
    """A box of points in eighths of metres, which float64 holds exactly far from the origin."""
    xyz = np.random.default_rng(n).integers(-16, 16, (n, 3)) / 8 + (east, 0, 0)
    return Points(xyz, np.tile(np.array(colour, np.uint8), (n, 1)))


def square(colour: tuple[int, int, int] = BLUE, east: float = 0.0) -> Mesh:
    """A level square of two triangles."""
    xyz = np.array([[-2.0, -2, 0], [2, -2, 0], [2, 2, 0], [-2, 2, 0]]) + (east, 0, 0)
    colours = np.tile(np.array(colour, np.uint8), (4, 1))
    return Mesh(xyz, np.array([[0, 1, 2], [0, 2, 3]]), colours)


def camera(view: str = "oblique") -> Camera:
    corners = np.array([[-0.8, -0.5, -0.5], [0.8, 0.5, 0.5]])
    return aim(corners, view, SIZE)  # type: ignore[arg-type]


def pixels(parts: list[Part], view: str = "oblique") -> NDArray[np.uint8]:
    (image,) = render(parts, FRAME, [camera(view)])
    return np.asarray(image)


@given(st.lists(st.tuples(*[st.floats(-1, 1)] * 3), min_size=1, max_size=9))
def test_the_enlarged_camera_sees_the_same_so_many_times_as_large(
    places: list[tuple[float, float, float]],
) -> None:
    small, large = camera(), enlarged(camera())
    assert large.size == (OVERSAMPLING * SIZE[0], OVERSAMPLING * SIZE[1])
    seen, wanted = (one.project(np.array(places)) for one in (large, small))
    np.testing.assert_allclose(seen, OVERSAMPLING * wanted)


def test_points_are_as_large_however_they_are_divided() -> None:
    points = cloud(n=5000)
    divided: list[Part] = [
        Points(points.xyz[rows], points.colours[rows]) for rows in (slice(700), slice(700, None))
    ]
    sizes = {dot(parts, FRAME, camera(), 0.1, 99.0) for parts in ([points], divided, divided[::-1])}
    assert len(sizes) == 1
    assert 0.1 < sizes.pop() < 99.0


def test_without_points_they_are_as_small_as_may_be() -> None:
    for parts in ([], [NOTHING], [square()]):
        assert dot(parts, FRAME, camera(), 1.5, 12.0) == 1.5


@needs_drawing
@pytest.mark.parametrize("part", [cloud(), square()], ids=["points", "mesh"])
def test_a_part_goes_to_open3d_and_back(part: Part) -> None:
    frame = LocalFrame(np.array([4e6, 5e6, 100]), 30.0)
    given = replace(part, xyz=part.xyz + frame.middle)
    made = to_open3d(given, frame)
    places = made.vertices if isinstance(part, Mesh) else made.points
    colours = made.vertex_colors if isinstance(part, Mesh) else made.colors
    np.testing.assert_allclose(frame.to_world(np.asarray(places)), given.xyz)
    np.testing.assert_array_equal(np.rint(np.asarray(colours) * 255), part.colours)
    if isinstance(part, Mesh):
        np.testing.assert_array_equal(np.asarray(made.triangles), part.triangles)


@needs_drawing
def test_the_order_of_parts_and_empty_ones_do_not_matter() -> None:
    parts: list[Part] = [cloud(east=-4), square(east=4)]
    wanted = pixels(parts)
    assert (pixels(parts[::-1]) == wanted).all()
    assert (pixels([NOTHING, *parts, NOTHING]) == wanted).all()
    assert (wanted != pixels(parts[:1])).any()


@needs_drawing
def test_nothing_is_white_paper() -> None:
    assert (pixels([NOTHING]) == 255).all()


@needs_drawing
def test_pictures_from_many_cameras_are_those_from_each() -> None:
    parts = [cloud(east=-3), square(east=3)]
    cameras = [camera(view) for view in ("oblique", "top", "side")]
    together = [image.tobytes() for image in render(parts, FRAME, cameras)]
    alone = [next(render(parts, FRAME, [one])).tobytes() for one in cameras]
    assert together == alone
    assert len(set(together)) == 3


@needs_drawing
def test_the_origin_does_not_matter() -> None:
    points, far = cloud(), np.array([4_500_000.0, 5_400_000.0, 512.0])
    images = [
        draw([replace(points, xyz=points.xyz + shift)], points.xyz + shift, SIZE, "oblique")[0]
        for shift in (0 * far, far)
    ]
    assert images[0].tobytes() == images[1].tobytes()


@needs_drawing
def test_a_mesh_has_its_exact_colour_on_both_faces() -> None:
    front = square()
    seen = pixels([front], "top")
    assert (seen[55:65, 75:85] == BLUE).all()
    back = replace(front, triangles=front.triangles[:, ::-1].copy())
    assert (pixels([back], "top") == seen).all()


@needs_drawing
def test_points_of_the_outline_outside_the_picture_are_counted() -> None:
    points = cloud(n=20_000)
    strays = np.array([[900.0, 0, 0], [0, 0, -700.0]])
    image, outside = draw([points], points.xyz, SIZE, "oblique")
    assert (image.size, outside) == (SIZE, 0)
    assert draw([points], np.vstack([points.xyz, strays]), SIZE, "oblique")[1] >= 2
