"""From a seed to a scan of a synthetic street."""

from __future__ import annotations

import numpy as np

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.synthetic.facets import Floats
from volseg.synthetic.scanners.rays import cast
from volseg.synthetic.scanners.returns import scan
from volseg.synthetic.street.layout import draw_street
from volseg.synthetic.street.scanner import Kind, draw_scanner

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
        int64 (N,), see `labels.Label`, as field ``classification``; no CRS. Every car, pole,
        tree, bush, house, and piece of furniture that stands alone is an object; hedges, fences,
        walls and wires are none.

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
    street = draw_street(rng, length)
    device = draw_scanner(rng, scanner, street.lane, length)
    pilot = device.rays(PILOT)
    share = sum(len(cast(head, street.facets)[0]) for head in pilot) / sum(map(len, pilot))
    heads = device.rays(int(1.1 * points / max(share, 0.05)))
    scans = [scan(rng, device, head, street.facets) for head in heads]
    xyz, intensity, labels, instances, time = map(np.concatenate, zip(*scans, strict=True))
    kept = np.argsort(time, kind="stable")
    if len(kept) > points:
        kept = kept[np.sort(rng.choice(len(kept), points, replace=False))]
    return PointCloud(
        xyz=_to_world(rng, xyz[kept], length),
        attributes={"intensity": intensity[kept]},
        labels=labels[kept],
        instances=instances[kept],
        label_field="classification",
    )


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
