"""Scans of made terrain: what stands on it, and the noise that scanners see below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Random = np.random.Generator

CORNER = (1000.0, 2000.0)
GROUND, THING, NOISE = 0, 1, 2


@dataclass(frozen=True)
class Scene:
    """Points in metres, (N, 3), and of each whether it is ground, a thing on it or noise."""

    metres: Floats
    kind: NDArray[np.int64]

    def __add__(self, points: Floats) -> Scene:
        """The same scan with noise."""
        kind = np.append(self.kind, np.full(len(points), NOISE))
        return Scene(np.concatenate((self.metres, points)), kind)

    @property
    def ground(self) -> Mask:
        return self.kind == GROUND

    @property
    def things(self) -> Mask:
        return self.kind == THING

    @property
    def noise(self) -> Mask:
        return self.kind == NOISE


def flat(x: Floats, y: Floats) -> Floats:
    return 0.3 * np.sin(x / 17.0) + 0.2 * np.cos(y / 13.0)


def slope(rise: float) -> Callable[[Floats, Floats], Floats]:
    return lambda x, y: rise * x + flat(x, y)


def rolling(x: Floats, y: Floats) -> Floats:
    return 0.05 * x + 3.0 * np.sin(x / 31.0) * np.cos(y / 23.0) + flat(x, y)


def ridge(x: Floats, y: Floats) -> Floats:
    return -0.6 * np.abs(x - 60.0 - 8.0 * np.sin(y / 30.0)) + flat(x, y)


def hill(x: Floats, y: Floats) -> Floats:
    return 15.0 * np.exp(-((x - 60.0) ** 2 + (y - 60.0) ** 2) / 25.0**2) + flat(x, y)


def cliff(x: Floats, y: Floats) -> Floats:
    return 10.0 * (x > 60.0 + 6.0 * np.sin(y / 25.0)) + 0.05 * y + flat(x, y)


def terraces(x: Floats, y: Floats) -> Floats:
    steps, part = np.divmod(0.2 * x + 0.02 * y, 2.0)
    return 2.0 * (steps + np.clip((part / 2.0 - 0.8) / 0.2, 0.0, 1.0))


def quarry(x: Floats, y: Floats) -> Floats:
    away = np.hypot(x - 60.0, y - 60.0) + 3.0 * np.sin(x / 15.0)
    return -15.0 * np.clip((45.0 - away) / 10.0, 0.0, 1.0) + flat(x, y)


def bare(
    terrain: Callable[[Floats, Floats], Floats],
    *,
    density: float = 2.0,
    size: tuple[float, float] = (120.0, 120.0),
    seed: int = 0,
) -> Scene:
    """Points scattered over nothing but ground, so many a square metre."""
    random = np.random.default_rng(seed)
    x, y = random.uniform(0.0, size, (int(density * size[0] * size[1]), 2)).T
    z = terrain(x, y) + random.normal(0.0, 0.04, len(x))
    return Scene(np.column_stack((x + CORNER[0], y + CORNER[1], z)), np.zeros(len(x), np.int64))


def with_roof(scene: Scene, width: float, *, over: float = 4.0) -> Scene:
    """A square flat roof amid a scan, so many metres over the highest ground below it."""
    middle = (scene.metres[:, :2].min(axis=0) + scene.metres[:, :2].max(axis=0)) / 2
    under = (np.abs(scene.metres[:, :2] - middle) < width / 2).all(axis=1)
    metres, kind = scene.metres.copy(), np.where(under, THING, scene.kind)
    metres[under, 2] = scene.metres[under, 2].max() + over
    return Scene(metres, kind)


def with_forest(scene: Scene, hits: float, *, seed: int = 1) -> Scene:
    """Trees all over a scan, through which this share of the points sees the ground."""
    random = np.random.default_rng(seed)
    above = random.random(len(scene.metres)) > hits
    x, y, z = scene.metres.T
    crown = 14.0 + 5.0 * np.sin(x / 3.7) * np.cos(y / 4.1)
    share = np.where(
        random.random(len(x)) < 0.6,
        random.uniform(0.7, 1.0, len(x)),
        random.uniform(0.1, 1, len(x)),
    )
    z = np.where(above, z + crown * share, z)
    return Scene(np.column_stack((x, y, z)), np.where(above, THING, scene.kind))


def scattered(scene: Scene, share: float, low: float, high: float, *, seed: int = 2) -> Floats:
    """Points by themselves, between so many metres below the ground."""
    random = np.random.default_rng(seed)
    ground = scene.metres[scene.ground]
    found = random.choice(ground, max(1, int(share * len(scene.metres))), replace=False)
    found[:, 2] -= random.uniform(low, high, len(found))
    return np.asarray(found)


def cluster(
    scene: Scene, count: int, deep: float, *, at: tuple[float, float] = (0.5, 0.5), seed: int = 3
) -> Floats:
    """Points together, within 4 m, below the ground at a place given in shares of the scan."""
    random = np.random.default_rng(seed)
    ground = scene.metres[scene.ground]
    low, high = ground[:, :2].min(axis=0), ground[:, :2].max(axis=0)
    place = low + at * (high - low)
    nearest = ground[((ground[:, :2] - place) ** 2).sum(axis=1).argmin()]
    spread = np.column_stack((random.uniform(-2, 2, (count, 2)), random.uniform(-0.3, 0.3, count)))
    found = nearest - (0.0, 0.0, deep) + spread
    found[:, :2] = found[:, :2].clip(low, high)
    return np.asarray(found)
