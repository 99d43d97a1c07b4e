"""What comes back to a scanner: points with noise, strays, and echoes too weak to be noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.facets import Facets, Floats
from volseg.synthetic.labels import OPTICS, Label
from volseg.synthetic.scanners.rays import Rays, cast

MIRRORED = 0.1
"""Share of the stray returns that took a longer way round."""


@dataclass(frozen=True, eq=False)
class Scanner:
    """A scanner on its way through a scene.

    Attributes:
        rays: how many rays in all to its heads' rays.
        noise: standard deviation of a distance, metres.
        stray: share of the returns from dust, birds, mixed pulses and mirrors.
        weakest: power of the weakest echo that is noticed; a white wall at hand sends about 0.5.
        falloff: metres at which half of the power of an echo at hand comes back.
    """

    rays: Callable[[int], list[Rays]]
    noise: float
    stray: float
    weakest: float
    falloff: float = 25.0


class Returns(NamedTuple):
    """What came back to a scanner.

    Attributes:
        xyz: float64 (N, 3), in the scene's frame.
        intensity: uint16 (N,).
        labels: int64 (N,), classes.
        instances: int64 (N,), objects, 0 of none.
        time: float64 (N,), from 0 to 1.
    """

    xyz: Floats
    intensity: NDArray[np.uint16]
    labels: NDArray[np.int64]
    instances: NDArray[np.int64]
    time: Floats


def scan(rng: np.random.Generator, scanner: Scanner, head: Rays, facets: Facets) -> Returns:
    """What comes back from a scene to one head of a scanner."""
    ray, distance, facet = cast(head, facets)
    # Stray returns stop in the free air before the surface; mirrored ones lie behind it.
    stray, mirrored = rng.random((2, len(ray))) < [[scanner.stray], [MIRRORED]]
    share = np.where(mirrored, rng.uniform(1.02, 1.3, len(ray)), rng.uniform(0.3, 0.95, len(ray)))
    distance = np.where(stray, share * distance, distance)
    direction = head.directions(ray)
    normal = np.cross(facets.u[facet], facets.v[facet])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    slant = np.abs((normal * direction).sum(axis=1))
    _, lost, rough = OPTICS[facets.material[facet]].T
    power = strength(facets.material[facet], slant, distance / scanner.falloff)
    power *= np.exp(rng.normal(0, 0.1, len(ray)))
    # Weak echoes drown: far away, on dark things, at grazing incidence.
    seen = rng.random(len(ray)) > np.maximum(lost, 1 - power / scanner.weakest)
    seen |= stray
    distance = distance + rng.normal(0, 1, len(ray)) * np.hypot(scanner.noise, rough)
    xyz = head.origins(ray) + distance[:, None] * direction
    labels = np.where(stray, int(Label.NOISE), facets.label[facet]).astype(np.int64)
    instances = np.where(stray, 0, facets.instance[facet]).astype(np.int64)
    intensity = np.rint(np.clip(power, 0, 1) * 65535).astype(np.uint16)
    columns = (xyz, intensity, labels, instances, ray / len(head))
    return Returns(*(column[seen] for column in columns))


def strength(material: NDArray[np.int8], slant: Floats, away: Floats) -> Floats:
    """Power of echoes, (n,): a white wall at hand sends 0.5 or so.

    Args:
        material: `Material` of what is hit, (n,).
        slant: cosine of the angle of incidence, (n,).
        away: distance in units of a scanner's fall-off, (n,).
    """
    power = OPTICS[material, 0] * (0.3 + 0.7 * slant) / (1 + away**2)
    return np.asarray(power)
