"""Flight strips over a tile: where they run, and the pulses that are sent from each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from volseg.synthetic.airborne.devices import Device
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.facets import Floats
from volseg.synthetic.scanners.strip import Strip

MARGIN = 3.0
"""Metres around a tile that pulses are sent to: what stands there hides part of the tile."""
STEEPEST = 0.95
"""Share of an ellipse's width that is used: at its tips pulses lie on each other."""
EVEN = 2 * np.arcsin(STEEPEST) / STEEPEST
"""What pulses even in angle lie denser by, over the width used, than in the middle of one look."""


@dataclass(frozen=True)
class Line:
    """One flight over a tile.

    Attributes:
        heading: radians from the world's x to its y.
        aside: metres from the middle of the tile to the line, to the flight's left.
        number: of the strip, from 0.
    """

    heading: float
    aside: float
    number: int


def cleared(device: Device, terrain: Terrain) -> Device:
    """The device at a height over the mean ground that clears the highest by half of its own."""
    peak = float(terrain.z.max() - terrain.z.mean())
    return replace(device, height=max(device.height, peak + device.height / 2))


def plan_lines(rng: np.random.Generator, device: Device, size: float) -> list[Line]:
    """Parallel lines whose strips cover a tile of ``size`` metres, sometimes one across."""
    width = 2 * device.height * np.tan(device.view)
    heading, apart = rng.uniform(0, 2 * np.pi), width * (1 - device.lap)
    c, s = abs(np.cos(heading)), abs(np.sin(heading))
    reach = (size * (c + s) + width) / 2
    first = rng.uniform(0, apart)
    asides = np.arange(first - apart * np.ceil((first + reach) / apart), reach, apart)
    asides = asides[np.abs(asides) < reach - 1]
    lines = [
        Line(heading + np.pi * (number % 2), float(aside) * (1 - 2 * (number % 2)), number)
        for number, aside in enumerate(asides)
    ]
    if rng.random() < 0.2:
        lines.append(Line(heading + np.pi / 2, rng.uniform(-0.3, 0.3) * width, len(lines)))
    return lines


def fly(
    rng: np.random.Generator,
    device: Device,
    line: Line,
    terrain: Terrain,
    box: tuple[float, float, float],
    density: float,
) -> Iterator[Strip]:
    """Rays, ``device.beams`` to a pulse, of one strip over a square tile, in the order of time.

    Args:
        rng: draws attitude, phases and footprints.
        device: the scanner.
        line: the flight.
        terrain: the ground.
        box: x and y of the tile's middle, and its size, metres.
        density: pulses a square metre.
    """
    x, y, size = box
    c, s = np.cos(line.heading), np.sin(line.heading)
    start = (x - s * line.aside, y + c * line.aside, float(terrain.z.mean()) + device.height)
    half = size * (abs(c) + abs(s)) / 2 + MARGIN
    relief = start[2] - np.array([terrain.z.max() + 1, terrain.z.min()])
    edge = np.array([-half, half])[:, None] - line.aside
    limits = edge / relief
    most = np.tan(device.view)
    low, high = max(-most, float(limits.min())), min(most, float(limits.max()))
    if low >= high:
        return
    target = _Target((low, high), half, (float(relief[0]), float(relief[1])), density)
    pattern = {"lines": _lines, "zigzag": _zigzag, "ellipse": _ellipse}[device.pattern]
    for along, ahead, aside, bend in pattern(rng, device, target):
        strip = Strip(start, line.heading, along, ahead, aside, bend, wander=1e-9)
        drop = np.full(len(strip), device.height)
        for _ in range(3):  # where pulses go, as far as the ground is not too steep
            place = strip.origins(np.arange(len(strip)))[:, :2]
            way = strip.directions(np.arange(len(strip)))
            place = place + way[:, :2] * (drop / -way[:, 2])[:, None]
            drop = start[2] - terrain.height(*place.T)
        near = np.abs(place - (x, y)).max(axis=1) < size / 2 + MARGIN
        order = np.flatnonzero(near)[np.argsort(along[near], kind="stable")]
        pulses = replace(strip, along=along[order], ahead=ahead[order], aside=aside[order])
        yield _footprints(rng, device, pulses)


@dataclass(frozen=True)
class _Target:
    """What pulses are to reach: ``swath`` aside of the flight, ``half`` metres before and behind.

    ``drop`` is how far the ground lies below, least and most, and ``density`` in pulses a square
    metre.
    """

    swath: tuple[float, float]
    half: float
    drop: tuple[float, float]
    density: float


Pulses = tuple[Floats, Floats, Floats, Callable[[Floats], Floats]]
"""Along, ahead and aside of pulses, as `Strip` has them, and how they bend."""


def _lines(rng: np.random.Generator, device: Device, target: _Target) -> Iterator[Pulses]:
    """A mirror that turns one way: parallel lines, even in angle, at an angle to the flight."""
    pitch = np.exp(rng.uniform(-0.4, 0.4)) / np.sqrt(target.density)
    low, high = np.arctan(target.swath)
    step = 1 / (target.density * pitch * device.height)
    step *= np.cos((low + high) / 2) ** 2
    slant, tilt = rng.normal(0, 0.03), rng.normal(0, 0.03)

    def bend(aside: Floats) -> Floats:
        return tilt + slant * aside

    lead = device.height * np.abs(bend(np.array(target.swath))).max() * 1.2 + MARGIN
    places = np.arange(-target.half - lead, target.half + lead, pitch)
    places = places + 0.15 * pitch * rng.normal(0, 1, len(places))
    angles = np.arange(low, high, step)
    if not len(angles):
        return
    phase = rng.uniform(0, step, (len(places), 1))
    aside = np.tan(angles + phase + _roll(rng, places)[:, None]).ravel()
    run = pitch * np.linspace(0, 1, len(angles), endpoint=False)
    along = (places[:, None] + run * (high - low) / (2 * device.view)).ravel()
    yield along, bend(aside), aside, bend


def _zigzag(rng: np.random.Generator, device: Device, target: _Target) -> Iterator[Pulses]:
    """A mirror that swings to and fro, slower at the edges of the strip, which are denser."""
    pitch = 1.3 * np.exp(rng.uniform(-0.3, 0.3)) / np.sqrt(target.density)
    most = np.tan(device.view)
    step = np.pi / (2 * most * device.height * pitch * target.density)
    table = np.linspace(-np.pi / 2, np.pi / 2, 181)
    swing = most * (0.65 * table / (np.pi / 2) + 0.35 * np.sin(table))
    low, high = np.interp(target.swath, swing, table)
    tilt = rng.normal(0, 0.02)

    def bend(aside: Floats) -> Floats:
        return np.full_like(aside, tilt)

    lead = device.height * abs(tilt) * 1.2 + MARGIN
    places = np.arange(-target.half - lead, target.half + lead, pitch)
    phase = np.arange(low, high, step)
    if not len(phase):
        return
    turn = phase + rng.uniform(0, step, (len(places), 1))
    aside = np.interp(turn, table, swing) + _roll(rng, places)[:, None]
    back = np.where(np.arange(len(places)) % 2, -1, 1)[:, None]
    along = places[:, None] + pitch * (0.5 + back * turn / np.pi)
    yield along.ravel(), bend(aside.ravel()), aside.ravel(), bend


def _ellipse(rng: np.random.Generator, device: Device, target: _Target) -> Iterator[Pulses]:
    """A wedge that turns: each place is seen from behind and from ahead."""
    cone = np.tan(device.view) / STEEPEST
    pitch = np.exp(rng.uniform(-0.3, 0.3)) * np.sqrt(2 / target.density)
    step = EVEN / (cone * device.height * pitch * target.density)
    low, high = np.arcsin(np.clip(np.array(target.swath) / cone, -STEEPEST, STEEPEST))
    for way in (1.0, -1.0):

        def bend(aside: Floats, way: float = way) -> Floats:
            return np.asarray(way * np.sqrt(np.maximum(cone**2 - aside**2, 0)))

        turn = np.arange(low, high, step) + rng.uniform(0, step)
        aside = cone * np.sin(turn)
        # Of all places on the line only those that a ray reaches the tile from.
        reach = np.multiply.outer(target.drop, bend(aside))
        first = np.ceil((-target.half - reach.max(axis=0)) / pitch)
        count = int((2 * target.half + np.ptp(reach, axis=0).max(initial=0)) / pitch) + 1
        places = pitch * (first + np.arange(count)[:, None] + turn / (2 * np.pi))
        places += rng.normal(0, 0.2 * pitch, (count, 1))
        aside = np.broadcast_to(aside, places.shape).ravel()
        yield places.ravel(), bend(aside), aside, bend


def _roll(rng: np.random.Generator, along: Floats) -> Floats:
    """Slow swings of an aircraft that no mount takes up, radians."""
    waves = rng.uniform(80, 800, 3)
    phases = rng.uniform(0, 2 * np.pi, 3)
    swings = np.sin(along[:, None] / waves * 2 * np.pi + phases)
    return np.asarray(swings @ rng.normal(0, 0.002, 3))


def _footprints(rng: np.random.Generator, device: Device, pulses: Strip) -> Strip:
    """Each pulse as rays over its footprint, the first in its middle."""
    beams, count = device.beams, len(pulses)
    ring = rng.uniform(0, 2 * np.pi, (count, 1)) + 2 * np.pi * np.arange(beams) / max(beams - 1, 1)
    away = np.where(np.arange(beams) > 0, 0.35 * device.divergence, 0.0)
    # Beams run parallel along the flight, as wide apart as they are on the ground.
    along = pulses.along[:, None] + away * np.cos(ring) * device.height
    aside = pulses.aside[:, None] + away * np.sin(ring)
    bent = np.repeat(pulses.ahead, beams)
    wander = float(np.abs(pulses.bend(aside.ravel()) - bent).max(initial=0)) + 1e-9
    return replace(pulses, along=along.ravel(), ahead=bent, aside=aside.ravel(), wander=wander)
