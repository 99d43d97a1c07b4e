"""From a seed to a scan of a synthetic street."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.synthetic.street.labels import OPTICS, Label
from volseg.synthetic.street.patches import Floats, Patches
from volseg.synthetic.street.rays import Rays, cast
from volseg.synthetic.street.scanner import Kind, Scanner, draw_scanner
from volseg.synthetic.street.scene import draw_scene

MIRRORED = 0.1
"""Share of the stray returns that took a longer way round."""
PILOT = 4_000
"""Rays that tell beforehand which share comes back."""


def generate_street(
    seed: int, *, scanner: Kind = "mobile", length: float = 60.0, points: int = 200_000
) -> PointCloud:
    """Scan a random synthetic street with a virtual laser scanner.

    Everything is invented: the street, its surfaces and its labels. The scanner stands in a
    street of houses, gardens, trees and parked cars, or drives down it, and sees the first
    surface of each ray, with range noise and lost returns. On one machine the same arguments
    give the same bytes.

    Args:
        seed: non-negative; another seed, another street.
        scanner: the kind of scanner, see `scanner.Kind`.
        length: metres of street, 10 or more; a mobile scanner meets every class from 40 m on.
        points: about how many points, never more, 1,000 or more; one turn of few beams has fewer.

    Returns:
        N points in time order: coordinates float64 (N, 3) in metres, in a frame
        like a UTM zone's, whole millimetres; attribute ``intensity`` uint16 (N,); labels
        int64 (N,), see `labels.Label`, as field ``classification``; no CRS.

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
    device = draw_scanner(rng, scanner, scene.lane, length)
    pilot = device.rays(PILOT)
    share = sum(len(cast(head, scene.patches)[0]) for head in pilot) / sum(map(len, pilot))
    heads = device.rays(int(1.1 * points / max(share, 0.05)))
    scans = [scan(rng, device, head, scene.patches) for head in heads]
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


def scan(
    rng: np.random.Generator, scanner: Scanner, head: Rays, patches: Patches
) -> tuple[Floats, NDArray[np.uint16], NDArray[np.int64], Floats]:
    """Points (N, 3) in the scene's frame, intensities, labels, and times (N,) from 0 to 1."""
    ray, distance, patch = cast(head, patches)
    # Stray returns stop in the free air before the surface; mirrored ones lie behind it.
    stray, mirrored = rng.random((2, len(ray))) < [[scanner.stray], [MIRRORED]]
    share = np.where(mirrored, rng.uniform(1.02, 1.3, len(ray)), rng.uniform(0.3, 0.95, len(ray)))
    distance = np.where(stray, share * distance, distance)
    direction = head.directions(ray)
    normal = np.cross(patches.u[patch], patches.v[patch])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    slant = np.abs((normal * direction).sum(axis=1))
    reflectance, lost, rough = OPTICS[patches.material[patch]].T
    power = reflectance * (0.3 + 0.7 * slant) / (1 + (distance / 25) ** 2)
    power *= np.exp(rng.normal(0, 0.1, len(ray)))
    # Weak echoes drown: far away, on dark things, at grazing incidence.
    seen = rng.random(len(ray)) > np.maximum(lost, 1 - power / scanner.weakest)
    seen |= stray
    distance = distance + rng.normal(0, 1, len(ray)) * np.hypot(scanner.noise, rough)
    xyz = head.origins(ray) + distance[:, None] * direction
    labels = np.where(stray, int(Label.NOISE), patches.label[patch]).astype(np.int64)
    intensity = np.rint(np.clip(power, 0, 1) * 65535).astype(np.uint16)
    return xyz[seen], intensity[seen], labels[seen], (ray / len(head))[seen]


def _to_world(rng: np.random.Generator, xyz: Floats, length: float) -> Floats:
    """Bend, tilt, turn and shift the straight street into a frame like a UTM zone's.

    Verticals stay vertical, and the surface keeps its volume.
    """
    x, y, z = xyz.T
    middle = x - length / 2
    bow = middle**2 / (length + 20)  # so that ends turn by the same angle in any length
    z = z + rng.uniform(-0.1, 0.1) * middle + rng.uniform(-0.02, 0.02) * bow
    z = z + rng.uniform(-0.04, 0.04) * y
    y = y + rng.uniform(-0.2, 0.2) * bow
    heading = rng.uniform(0, 2 * np.pi)
    east = middle * np.cos(heading) - y * np.sin(heading)
    north = middle * np.sin(heading) + y * np.cos(heading)
    place = np.stack((east, north, z), axis=1)
    place += (690_000, 5_336_000, 515) + rng.uniform((0, 0, -10), (2000, 2000, 10))
    return np.round(place, 3)
