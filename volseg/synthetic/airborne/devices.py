"""Kinds of airborne scanners: how high and wide they look, and how well they tell echoes apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from volseg.synthetic.airborne.kinds import Flown

Pattern = Literal["lines", "zigzag", "ellipse"]
Keeps = Literal["all", "first", "last"]


@dataclass(frozen=True)
class Device:
    """An airborne scanner and the way it is flown.

    Attributes:
        height: over the ground, metres.
        view: half-angle of the swath, radians.
        pattern: of pulses on the ground.
        divergence: width of a beam, radians.
        beams: rays that stand for a pulse, over its footprint.
        resolution: metres between hits that are told apart.
        keeps: which echoes of a pulse.
        most: echoes of a pulse.
        noise: standard deviation of a distance, metres.
        stray: share of pulses that come back from nowhere.
        weakest: power of the weakest echo that is surely noticed.
        gain: intensity of an echo of power 1, and the highest intensity.
        offset: metres by which strips miss each other, standard deviation.
        lap: share of a strip that its neighbour covers as well.
        density: pulses a square metre, all strips together.
    """

    height: float
    view: float
    pattern: Pattern
    divergence: float
    beams: int
    resolution: float
    keeps: Keeps
    most: int
    noise: float
    stray: float
    weakest: float
    gain: tuple[float, int]
    offset: float
    lap: float
    density: float


Range = tuple[float, float]


@dataclass(frozen=True)
class _Class:
    """Ranges that devices of a kind are drawn from; angles in degrees, divergence in mrad."""

    height: Range
    view: Range
    patterns: tuple[Pattern, ...]
    divergence: Range
    beams: int
    resolution: Range
    keeps: tuple[Keeps, ...]
    most: tuple[int, ...]
    noise: Range
    stray: Range
    weakest: Range
    gains: tuple[tuple[float, int], ...]
    offset: Range
    density: Range


_ALL: tuple[Keeps, ...] = ("all",)
_CLASSES: dict[Flown, _Class] = {
    "linear": _Class(
        (700, 2000), (14, 29), ("lines", "zigzag", "ellipse"), (0.25, 0.6), 5, (0.5, 1.5),
        _ALL, (4, 5, 7), (0.015, 0.04), (0.0001, 0.001), (0.01, 0.05),
        ((1500, 65535), (900, 1023), (400, 255)), (0.01, 0.05), (2, 25),
    ),
    "geiger": _Class(
        (3000, 5000), (14, 16), ("ellipse",), (0.03, 0.05), 1, (0.1, 0.2),
        _ALL, (1,), (0.04, 0.1), (0.002, 0.02), (0.04, 0.12),
        ((60000, 65535), (400, 255)), (0.02, 0.08), (8, 50),
    ),
    "nineties": _Class(
        (450, 1000), (8, 20), ("zigzag", "lines"), (0.3, 1.5), 5, (1.0, 3.0),
        ("first", "last"), (1,), (0.07, 0.15), (0.0002, 0.003), (0.03, 0.1),
        ((300, 255), (2000, 4095)), (0.05, 0.2), (0.3, 2),
    ),
    "drone": _Class(
        (30, 80), (30, 42), ("lines",), (0.6, 1.6), 4, (0.25, 0.6),
        _ALL, (3, 5), (0.008, 0.03), (0.0001, 0.002), (0.01, 0.05),
        ((60000, 65535), (400, 255)), (0.01, 0.04), (100, 1000),
    ),
    "dense": _Class(
        (600, 1200), (18, 29), ("lines", "lines", "ellipse"), (0.17, 0.3), 5, (0.3, 0.7),
        _ALL, (7, 15), (0.006, 0.02), (0.0001, 0.001), (0.006, 0.03),
        ((60000, 65535), (5000, 65535)), (0.005, 0.03), (25, 100),
    ),
}  # fmt: skip


def draw_device(rng: np.random.Generator, kind: Flown, density: float | None) -> Device:
    """A device of a kind, of a usual density if none is given."""
    ranges = _CLASSES[kind]

    def spread(limits: Range) -> float:
        return float(np.exp(rng.uniform(*np.log(limits))))

    usual = spread(ranges.density)
    return Device(
        height=spread(ranges.height),
        view=float(np.radians(rng.uniform(*ranges.view))),
        pattern=ranges.patterns[int(rng.integers(len(ranges.patterns)))],
        divergence=spread(ranges.divergence) / 1000,
        beams=ranges.beams,
        resolution=rng.uniform(*ranges.resolution),
        keeps=ranges.keeps[int(rng.integers(len(ranges.keeps)))],
        most=ranges.most[int(rng.integers(len(ranges.most)))],
        noise=spread(ranges.noise),
        stray=spread(ranges.stray),
        weakest=spread(ranges.weakest),
        gain=ranges.gains[int(rng.integers(len(ranges.gains)))],
        offset=spread(ranges.offset),
        lap=rng.uniform(0.15, 0.6),
        density=usual if density is None else density,
    )
