"""From a seed to a scan of a synthetic street."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.data.street.labels import OPTICS, Label
from volseg.data.street.patches import Floats, Patches
from volseg.data.street.scanner import Sweep, cast, sweep
from volseg.data.street.scene import Scene, draw_scene
from volseg.errors import InputError
from volseg.geometry import PointCloud

HEAD_HEIGHT = 2.1
RANGE_NOISE = 0.012
STRAY_SHARE = 0.004
"""Share of the returns that come from dust, birds and mixed pulses on the way."""
YIELD = 0.56
"""Share of the rays that come back from a typical street."""


def generate_street(seed: int, *, length: float = 60.0, points: int = 200_000) -> PointCloud:
    """Scan a random synthetic street with a virtual mobile laser scanner.

    Everything is invented: the street, its surfaces and its labels. Two rotating heads drive
    down a street of houses, gardens, trees and parked cars, and see the first surface of each
    ray, with range noise and lost returns. On one machine the same arguments give the
    same bytes.

    Args:
        seed: non-negative; another seed, another street.
        length: metres driven, 10 or more; every class 1 to 8 is there from 40 m on.
        points: about how many points, never more, 1,000 or more.

    Returns:
        N points in time order: coordinates float64 (N, 3) in metres, in a frame like a UTM zone's,
        whole millimetres; attribute ``intensity`` uint16 (N,); labels int64 (N,) in the
        classes of TUM-MLS-2016 (`labels.Label`), as field ``classification``; no CRS.

    Raises:
        InputError: if an argument is out of its range.
    """
    if seed < 0:
        raise InputError(f"seed is {seed}, wanted a whole number of 0 or more")
    if not (np.isfinite(length) and length >= 10):
        raise InputError(f"street length is {length:g} m, wanted 10 m or more")
    if points < 1000:
        raise InputError(f"{points:,} points for a street, wanted 1,000 or more")
    rng = np.random.default_rng(seed)
    scene = draw_scene(rng, length)
    heads = plan_heads(rng, scene, length, points)
    scans = [scan(rng, head, scene.patches) for head in heads]
    xyz, intensity, labels, time = (np.concatenate(column) for column in zip(*scans, strict=True))
    kept = np.argsort(time, kind="stable")
    if len(kept) > points:
        kept = kept[np.sort(rng.choice(len(kept), points, replace=False))]
    return PointCloud(
        xyz=_to_world(rng, xyz[kept], length),
        attributes={"intensity": intensity[kept]},
        labels=labels[kept],
        label_field="classification",
    )


def plan_heads(rng: np.random.Generator, scene: Scene, length: float, points: int) -> list[Sweep]:
    """Two heads, turned to both sides, that make about ``points`` returns."""
    rays = points / YIELD / 2
    # As many profiles and rays a profile as give equal spacing at about 9 m.
    steps = int(np.sqrt(rays * 50 / length))
    profiles = max(2, int(rays / steps))
    pace = 1 + 0.25 * np.sin(np.linspace(0, rng.uniform(3, 9), profiles) + rng.uniform(0, 6))
    along = np.cumsum(pace) - pace[0]
    along *= length / along[-1]
    yaw, tilt = rng.uniform(np.radians(25), np.radians(40)), rng.uniform(0, np.radians(12))
    side = -rng.uniform(0.4, 0.6) * scene.lane
    return [
        sweep(along, rng.random(profiles), steps, turn, tilt, side, HEAD_HEIGHT)
        for turn in (yaw, -yaw)
    ]


def scan(
    rng: np.random.Generator, head: Sweep, patches: Patches
) -> tuple[Floats, NDArray[np.uint16], NDArray[np.int64], Floats]:
    """Points (N, 3) in the scene's frame, intensities, labels, and times (N,) in profiles."""
    ray, distance, patch = cast(head, patches)
    stray = rng.random(len(ray)) < STRAY_SHARE  # these stop in the free air before the surface
    distance = np.where(stray, rng.uniform(0.3, 0.95, len(ray)) * distance, distance)
    direction = head.directions(ray)
    normal = np.cross(patches.u[patch], patches.v[patch])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    slant = np.abs((normal * direction).sum(axis=1))
    reflectance, lost, rough = OPTICS[patches.material[patch]].T
    power = reflectance * (0.3 + 0.7 * slant) / (1 + (distance / 25) ** 2)
    power *= np.exp(rng.normal(0, 0.1, len(ray)))
    # Weak echoes drown: far away, on dark things, at grazing incidence.
    seen = rng.random(len(ray)) > np.maximum(lost, 1 - power / 0.012)
    seen |= stray
    distance = distance + rng.normal(0, 1, len(ray)) * np.hypot(RANGE_NOISE, rough)
    xyz = head.origins(ray) + distance[:, None] * direction
    labels = np.where(stray, int(Label.ARTEFACT), patches.label[patch]).astype(np.int64)
    intensity = np.rint(np.clip(power, 0, 1) * 65535).astype(np.uint16)
    return xyz[seen], intensity[seen], labels[seen], (ray / head.steps)[seen]


def _to_world(rng: np.random.Generator, xyz: Floats, length: float) -> Floats:
    """Bend, tilt, turn and shift the straight street into a frame like a UTM zone's.

    Verticals stay vertical, and the surface keeps its volume.
    """
    x, y, z = xyz.T
    middle = x - length / 2
    bow = middle**2 / (length + 20)  # so that ends turn by the same angle in any length
    y = y + rng.uniform(-0.09, 0.09) * bow
    z = z + rng.uniform(-0.04, 0.04) * middle + rng.uniform(-0.013, 0.013) * bow
    heading = rng.uniform(0, 2 * np.pi)
    east = middle * np.cos(heading) - y * np.sin(heading)
    north = middle * np.sin(heading) + y * np.cos(heading)
    place = np.stack((east, north, z), axis=1)
    place += (690_000, 5_336_000, 515) + rng.uniform((0, 0, -10), (2000, 2000, 10))
    return np.round(place, 3)
