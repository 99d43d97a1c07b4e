"""Scenes and their scans: no ray goes through a wall, and things lie where they were put."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.synthetic.buildings.house import ROOM
from volseg.synthetic.labels import Label
from volseg.synthetic.scanners.rays import Rays, cast
from volseg.synthetic.scanners.returns import Scanner, scan
from volseg.synthetic.street.layout import Street, draw_street
from volseg.synthetic.street.scanner import KINDS, Kind, draw_scanner

LENGTH = 50.0


@pytest.fixture(scope="module")
def scene() -> Street:
    return draw_street(np.random.default_rng(5), LENGTH)


def scanner(kind: Kind, scene: Street) -> Scanner:
    return draw_scanner(np.random.default_rng(0), kind, scene.lane, LENGTH)


def heads(kind: Kind, scene: Street, count: int = 60_000) -> list[Rays]:
    return scanner(kind, scene).rays(count)


@pytest.mark.parametrize("kind", KINDS)
def test_no_ray_passes_through_a_house(kind: Kind, scene: Street) -> None:
    crossed = touched = 0
    for head in heads(kind, scene):
        ray, distance, _ = cast(head, scene.facets)
        origin = head.origins(ray)
        end = origin + distance[:, None] * head.directions(ray)
        low = end[:, 2] < 2.0  # below every eave, as the head nearly is
        origin, way = origin[low, :2], (end - origin)[low, :2]
        for (x0, *y0), (x1, *y1) in scene.houses:
            (front,), (back,) = sorted((y0, y1), key=lambda y: abs(y[0]))
            inwards = np.sign(back)
            touched += enters((x0, x1), (front - 0.2 * inwards, back), origin, way).sum()
            # Windows show a room.
            inner = (front + (ROOM + 0.1) * inwards, back - 0.1 * inwards)
            crossed += enters((x0 + 0.1, x1 - 0.1), inner, origin, way).sum()
    assert crossed == 0
    assert touched > 100


def enters(
    x: tuple[float, float], y: tuple[float, float], origin: np.ndarray, way: np.ndarray
) -> np.ndarray:
    """Which ways from origins, (n, 2), enter an upright box before they end."""
    corners = np.array((x, y)).T[:, None]
    with np.errstate(divide="ignore"):
        slabs = (corners - origin) / way
    first, last = slabs.min(axis=0).max(axis=1), slabs.max(axis=0).min(axis=1)
    return np.asarray((first < last) & (last > 0) & (first < 1))


def test_labels_agree_with_the_surfaces_they_lie_on(scene: Street) -> None:
    for kind in KINDS:
        device = scanner(kind, scene)
        head = device.rays(30_000)[0]
        xyz, _, labels, *_ = scan(np.random.default_rng(1), device, head, scene.facets)
        ray, distance, facet = cast(head, scene.facets)
        surface = head.origins(ray) + distance[:, None] * head.directions(ray)
        for label in np.unique(labels[labels != Label.NOISE]):
            places = surface[scene.facets.label[facet] == label]
            points = xyz[labels == label][:200]
            nearest = [np.linalg.norm(places - point, axis=1).min() for point in points]
            assert np.quantile(nearest, 0.99) < 0.15


def test_the_ground_is_low_and_the_rest_stands_on_it(scene: Street) -> None:
    device = scanner("mobile", scene)
    xyz, _, labels, *_ = scan(
        np.random.default_rng(1), device, device.rays(60_000)[1], scene.facets
    )
    near = np.abs(xyz[:, 1]) < scene.lane - 0.2
    road = xyz[near & (labels == Label.GROUND)]
    camber = np.polynomial.Polynomial.fit(np.abs(road[:, 1]), road[:, 2], 1).convert().coef
    np.testing.assert_allclose(camber, (0, -0.025), atol=0.02)
    assert xyz[labels == Label.GROUND, 2].max() < 5.0
    plants = xyz[labels == Label.VEGETATION, 2]
    assert plants.max() > 3 > 2 > xyz[labels == Label.VEHICLE, 2].mean() > 0.4


def test_a_scan_is_denser_near_the_head(scene: Street) -> None:
    device = scanner("mobile", scene)
    head = device.rays(60_000)[0]
    xyz, intensity, labels, *_ = scan(np.random.default_rng(1), device, head, scene.facets)
    away = np.abs(xyz[:, 1] - head.origins(np.array([0]))[0, 1])
    rings = np.histogram(away[labels == Label.GROUND], bins=(1.5, 3, 4.5, 6, 7.5))[0]
    assert (np.diff(rings) < 0).all()
    facade = labels == Label.BUILDING
    far = away > np.median(away[facade])
    assert intensity[facade & far].mean() < intensity[facade & ~far].mean()
