from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.config import load_config
from volseg.data.street import generate_street
from volseg.data.street.generate import plan_heads, scan
from volseg.data.street.labels import Label, Material, Skin
from volseg.data.street.patches import DISC, TRIANGLE, Patches, discs, join, parallelograms, quads
from volseg.data.street.scanner import RANGE_LIMIT, Sweep, cast, sweep
from volseg.data.street.scene import Scene, draw_scene
from volseg.errors import InputError
from volseg.geometry import PointCloud

SKIN = Skin(Label.BUILDING, Material.PLASTER)


def shares(cloud: PointCloud) -> np.ndarray:
    return np.bincount(cloud.labels, minlength=9) / len(cloud)


def random_patches(rng: np.random.Generator, count: int) -> Patches:
    """Patches of every outline all around the drive, some big, some close."""
    centre = rng.uniform((-4, -8, -3), (10, 8, 8), (count, 3))
    u, w = rng.normal(size=(2, count, 3)) * rng.uniform(0.1, 1.5, (count, 1))
    v = np.cross(u, w)
    v *= np.linalg.norm(u, axis=1, keepdims=True) / np.linalg.norm(v, axis=1, keepdims=True)
    return join(
        [
            discs(centre, u, v, SKIN),
            parallelograms(centre[::-1], u, w, SKIN),
            quads(centre, centre + u, centre + u + w, centre + v, SKIN),
        ]
    )


def random_sweep(rng: np.random.Generator) -> Sweep:
    along = np.cumsum(rng.uniform(0.1, 0.6, 20))
    yaw, tilt = rng.uniform(-0.7, 0.7), rng.uniform(-0.3, 0.3)
    return sweep(along, rng.random(20), 90, yaw, tilt, side=-1.0, height=2.0)


def solve_hits(rays: Sweep, patches: Patches) -> np.ndarray:
    """Distance of every ray's first hit by solving a u + b v - t d = o - anchor, inf for none."""
    ray = np.arange(len(rays.along) * rays.steps)
    origin, direction = rays.origins(ray), rays.directions(ray)
    nearest = np.full(len(ray), np.inf)
    for anchor, u, v, outline in zip(
        patches.anchor, patches.u, patches.v, patches.outline, strict=True
    ):
        axes = np.broadcast_to(np.stack((u, v), axis=1), (len(ray), 3, 2))
        matrix = np.concatenate((axes, -direction[:, :, None]), axis=2)
        a, b, t = np.linalg.solve(matrix, (origin - anchor)[:, :, None])[:, :, 0].T
        if outline == TRIANGLE:
            inside = np.minimum(np.minimum(a, b), 1 - a - b) >= 0
        elif outline == DISC:
            inside = np.hypot(a, b) <= 1
        else:
            inside = np.maximum(abs(a), abs(b)) <= 1
        reached = inside & (t > 0) & (t < RANGE_LIMIT)
        nearest = np.where(reached, np.minimum(nearest, t), nearest)
    return nearest


@pytest.fixture(scope="module")
def scene() -> Scene:
    return draw_scene(np.random.default_rng(5), 50.0)


@pytest.fixture(scope="module")
def street() -> PointCloud:
    return generate_street(5, length=50, points=60_000)


@pytest.mark.parametrize("seed", range(4))
def test_cast_finds_the_hits_of_solving_every_ray_against_every_patch(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rays, patches = random_sweep(rng), random_patches(rng, 15)
    wanted = solve_hits(rays, patches)
    ray, distance, _ = cast(rays, patches)
    assert len(ray) > 200
    np.testing.assert_array_equal(ray, np.flatnonzero(np.isfinite(wanted)))
    np.testing.assert_allclose(distance, wanted[ray], rtol=1e-9)


def test_the_order_of_patches_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    rays, patches = random_sweep(rng), random_patches(rng, 40)
    order = rng.permutation(len(patches))
    shuffled = Patches(*(column[order] for column in vars(patches).values()))
    ray, distance, _ = cast(rays, patches)
    ray_2, distance_2, _ = cast(rays, shuffled)
    np.testing.assert_array_equal(ray, ray_2)
    np.testing.assert_array_equal(distance, distance_2)


def test_nothing_is_hit_in_an_empty_scene() -> None:
    rng = np.random.default_rng(0)
    patches = random_patches(rng, 3)
    nothing = Patches(*(column[:0] for column in vars(patches).values()))
    assert all(len(column) == 0 for column in cast(random_sweep(rng), nothing))


def test_no_ray_passes_through_a_house(scene: Scene) -> None:
    rng = np.random.default_rng(0)
    for head in plan_heads(rng, scene, 50.0, 60_000):
        ray, distance, _ = cast(head, scene.patches)
        origin = head.origins(ray)
        end = origin + distance[:, None] * head.directions(ray)
        low = end[:, 2] < 2.0  # below every eave, as the head nearly is
        origin, way = origin[low, :2], (end - origin)[low, :2]
        for corners in scene.houses:
            # Where the ray is within both slabs of the ground plan, windows' recesses left out.
            with np.errstate(divide="ignore"):
                slabs = (corners[:, None] + [[[0.4]], [[-0.4]]] - origin) / way
            enters, leaves = slabs.min(axis=0).max(axis=1), slabs.max(axis=0).min(axis=1)
            crossed = (enters < leaves) & (leaves > 0) & (enters < 1)
            assert not crossed.any()


def test_noisy_points_stay_out_of_houses(scene: Scene) -> None:
    rng = np.random.default_rng(1)
    head = plan_heads(rng, scene, 50.0, 60_000)[0]
    xyz, _, labels, _ = scan(rng, head, scene.patches)
    facades = 0
    for low, high in scene.houses:
        near = xyz[:, 2] < 2.0
        x, y = xyz[near, :2].T
        inside = (np.minimum(x - low[0], high[0] - x) > 0.45) & (
            np.minimum(y - low[1], high[1] - y) > 0.45
        )
        assert not inside.any()
        front = np.abs(np.abs(xyz[:, 1]) - np.abs(np.array([low[1], high[1]])).min()) < 0.05
        along = (xyz[:, 0] > low[0]) & (xyz[:, 0] < high[0])
        facades += int((front & along & (labels == Label.BUILDING)).sum())
    assert facades > 3000


def test_the_ground_lies_where_the_section_puts_it(scene: Scene) -> None:
    rng = np.random.default_rng(1)
    head = plan_heads(rng, scene, 50.0, 60_000)[1]
    xyz, _, labels, _ = scan(rng, head, scene.patches)
    road = xyz[np.abs(xyz[:, 1]) < scene.lane - 0.2]
    road = road[(labels == Label.MAN_MADE_TERRAIN)[np.abs(xyz[:, 1]) < scene.lane - 0.2]]
    camber = np.polynomial.Polynomial.fit(np.abs(road[:, 1]), road[:, 2], 1).convert().coef
    np.testing.assert_allclose(camber, (0, -0.025), atol=0.01)
    terrain = np.isin(labels, (Label.MAN_MADE_TERRAIN, Label.NATURAL_TERRAIN))
    assert np.quantile(np.abs(xyz[terrain, 2]), 0.999) < 0.6
    plants = xyz[labels == Label.HIGH_VEGETATION, 2]
    assert plants.max() > 4 > 2 > xyz[labels == Label.VEHICLE, 2].mean() > 0.4


def test_the_same_seed_gives_the_same_bytes(street: PointCloud) -> None:
    np.random.seed(1)  # noqa: NPY002 - the global state must not matter
    again = generate_street(5, length=50, points=60_000)
    assert again.xyz.tobytes() == street.xyz.tobytes()
    assert again.labels.tobytes() == street.labels.tobytes()
    intensity = street.attributes["intensity"]
    assert again.attributes["intensity"].tobytes() == intensity.tobytes()


def test_another_seed_gives_another_street(street: PointCloud) -> None:
    other = generate_street(6, length=50, points=60_000)
    assert np.abs(shares(other) - shares(street)).max() > 0.01
    assert np.abs(other.xyz.mean(axis=0) - street.xyz.mean(axis=0)).max() > 10


@pytest.mark.parametrize("seed", range(8))
def test_shares_of_classes_are_those_of_a_street(seed: int) -> None:
    found = shares(generate_street(seed, points=100_000))
    ground = found[1] + found[2]
    assert 0.35 < ground < 0.55
    assert 0.07 < found[Label.HIGH_VEGETATION] < 0.29
    assert 0.15 < found[Label.BUILDING] < 0.38
    assert 0.005 < found[Label.VEHICLE] < 0.11
    assert min(found[Label.LOW_VEGETATION], found[Label.ARTEFACT]) > 0.005
    assert found[Label.HARDSCAPE] > 0.015
    assert found[Label.UNLABELLED] < 0.02


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**64 - 1), length=st.floats(40, 60))
def test_every_class_is_there_for_any_seed(seed: int, length: float) -> None:
    cloud = generate_street(seed, length=length, points=30_000)
    assert (np.bincount(cloud.labels, minlength=9)[1:] >= 30).all()


@settings(max_examples=10, deadline=None)
@given(points=st.integers(1000, 60_000), length=st.floats(10, 80))
def test_there_are_about_as_many_points_as_asked_for(points: int, length: float) -> None:
    assert 0.7 * points < len(generate_street(1, length=length, points=points)) <= points


def test_coordinates_are_whole_millimetres_that_float32_would_lose(street: PointCloud) -> None:
    counts = np.rint(street.xyz * 1000).astype(np.int64)
    np.testing.assert_array_equal(counts / 1000, street.xyz)
    assert np.abs(street.xyz.astype(np.float32) - street.xyz).max() > 0.1
    assert (np.ptp(street.xyz, axis=0) < (150, 150, 60)).all()
    assert street.crs is None


def test_labels_and_attributes_are_declared(street: PointCloud) -> None:
    assert street.label_field == "classification"
    train = load_config("lidar/synthetic").labels.label_map().encode(street.labels)
    labelled = street.labels != Label.UNLABELLED
    np.testing.assert_array_equal(train[labelled] + 1, street.labels[labelled])
    assert (train[~labelled] == -1).all()
    intensity = street.attributes["intensity"]
    assert intensity.dtype == np.uint16
    mean = [intensity[street.labels == label].mean() for label in range(9)]
    assert mean[Label.MAN_MADE_TERRAIN] < mean[Label.NATURAL_TERRAIN]
    assert mean[Label.MAN_MADE_TERRAIN] < mean[Label.BUILDING]


def test_the_scan_is_denser_near_the_head(scene: Scene) -> None:
    rng = np.random.default_rng(1)
    head = plan_heads(rng, scene, 50.0, 60_000)[0]
    xyz, intensity, labels, _ = scan(rng, head, scene.patches)
    away = np.abs(xyz[:, 1] - head.side)
    ground = np.isin(labels, (Label.MAN_MADE_TERRAIN, Label.NATURAL_TERRAIN))
    rings = np.histogram(away[ground], bins=(1.5, 3, 4.5, 6, 7.5))[0]
    assert (np.diff(rings) < 0).all()
    facade = labels == Label.BUILDING
    far = away > np.median(away[facade])
    assert intensity[facade & far].mean() < intensity[facade & ~far].mean()


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"seed": -1}, "seed is -1"),
        ({"seed": 1, "length": 5.0}, "length is 5 m"),
        ({"seed": 1, "length": float("nan")}, "length is nan"),
        ({"seed": 1, "length": float("inf")}, "length is inf"),
        ({"seed": 1, "points": 10}, "10 points"),
    ],
)
def test_arguments_out_of_range_are_named(arguments: dict[str, float], found: str) -> None:
    with pytest.raises(InputError, match=found):
        generate_street(**arguments)
