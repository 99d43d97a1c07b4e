"""A survey of a landscape: what comes back to a scanner on its flights over a tile."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.airborne.devices import Device
from volseg.synthetic.airborne.echoes import Echoes, numbered, tell_apart
from volseg.synthetic.airborne.fall import fall
from volseg.synthetic.airborne.flight import Line, cleared, fly, plan_lines
from volseg.synthetic.airborne.hits import meet
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.facets import Floats, stack
from volseg.synthetic.labels import Label
from volseg.synthetic.scanners.strip import Strip
from volseg.synthetic.scenery import Scenery

BATCH = 600_000
"""Rays at most that are followed at once, but for one batch a strip."""
TRIAL = 4_000
"""Pulses that tell beforehand how often strips cover a tile."""
SPEED, SLOW, LOW = 65.0, 6.0, 150.0
"""Metres a second of an aircraft, and of what flies lower than so many metres."""


@dataclass(frozen=True, eq=False)
class SurveyPoints:
    """N points of a survey, strip by strip, in the order of time.

    Attributes:
        xyz: float64 (N, 3), metres.
        intensity: uint16 (N,).
        return_number: uint8 (N,), from 1.
        number_of_returns: uint8 (N,).
        scan_angle: int16 (N,), in units of 0.006 degrees, as LAS 1.4 has them.
        gps_time: float64 (N,), seconds.
        point_source_id: uint16 (N,), of the strip.
        label: int8 (N,), class.
        instance: int32 (N,), objects, 0 of none.
    """

    xyz: Floats
    intensity: NDArray[np.uint16]
    return_number: NDArray[np.uint8]
    number_of_returns: NDArray[np.uint8]
    scan_angle: NDArray[np.int16]
    gps_time: Floats
    point_source_id: NDArray[np.uint16]
    label: NDArray[np.int8]
    instance: NDArray[np.int32]


def survey(
    rng: np.random.Generator, device: Device, terrain: Terrain, scenery: Scenery, size: float
) -> SurveyPoints:
    """Fly over a square tile of ``size`` metres around (0, 0), and keep what lies within it."""
    device = cleared(device, terrain)
    lines = plan_lines(rng, device, size)
    density = _a_strip(rng, device, lines, terrain, size)
    first, start = int(rng.integers(1, 9000)), rng.uniform(1e5, 5e5)
    parts = []
    for line in lines:
        shift = rng.normal(0, device.offset, 3) * (2, 2, 1)
        for rays in fly(rng, device, line, terrain, (0.0, 0.0, size), density):
            for batch in _batches(rays, device.beams):
                echoes = _strays(
                    rng, device, tell_apart(rng, device, meet(rng, batch, terrain, scenery))
                )
                made = _points(device, batch, echoes, first + line.number)
                made.xyz[:] += shift
                made.gps_time[:] += start + 400.0 * line.number
                whole = _whole(echoes.pulse, np.abs(made.xyz[:, :2]).max(axis=1) <= size / 2)
                parts.append(SurveyPoints(**{n: c[whole] for n, c in vars(made).items()}))
    return stack(parts)


def _a_strip(
    rng: np.random.Generator, device: Device, lines: list[Line], terrain: Terrain, size: float
) -> float:
    """Pulses a square metre of each strip that add up to the device's density over the tile."""
    trial, hits = TRIAL / size**2, 0
    rng = np.random.default_rng(int(rng.integers(2**32)))
    for line in lines:
        for rays in fly(rng, replace(device, beams=1), line, terrain, (0.0, 0.0, size), trial):
            every = np.arange(len(rays))
            place = rays.origins(every) + fall(rays, terrain)[:, None] * rays.directions(every)
            hits += int((np.abs(place[:, :2]).max(axis=1) <= size / 2).sum())
    return device.density * TRIAL / max(hits, 1)


def _batches(rays: Strip, beams: int) -> list[Strip]:
    """Rays cut along the flight into runs of whole pulses."""
    step = BATCH // beams * beams
    return [
        replace(
            rays,
            along=rays.along[low : low + step],
            ahead=rays.ahead[low : low + step],
            aside=rays.aside[low : low + step],
        )
        for low in range(0, len(rays), step)
    ]


def _strays(rng: np.random.Generator, device: Device, echoes: Echoes) -> Echoes:
    """Some echoes come from the air instead, or by a longer way round, below what is there."""
    share = rng.random(len(echoes.pulse))
    stray = share < device.stray
    high = stray & (share < 0.6 * device.stray)
    air = np.minimum(rng.exponential(0.08 * device.height + 20, len(share)), 0.8 * echoes.distance)
    deep = rng.exponential(rng.choice([0.7, 4.0], len(share)))
    way = np.where(high, -air, np.where(stray, deep + 0.3, 0.0))
    label = np.where(high, Label.HIGH_NOISE, np.where(stray, Label.NOISE, echoes.label))
    return numbered(
        replace(
            echoes,
            distance=echoes.distance + way,
            power=np.where(stray, 0.3 * echoes.power, echoes.power),
            label=label.astype(np.int8),
            instance=np.where(stray, 0, echoes.instance).astype(np.int32),
        )
    )


def _points(device: Device, rays: Strip, echoes: Echoes, source: int) -> SurveyPoints:
    """Points on the middle of their pulses."""
    axis = echoes.pulse * device.beams
    gain, most = device.gain
    angle = np.degrees(np.arctan(rays.aside[axis])) / 0.006
    return SurveyPoints(
        xyz=rays.origins(axis) + echoes.distance[:, None] * rays.directions(axis),
        intensity=np.clip(np.rint(echoes.power * gain), 1, most).astype(np.uint16),
        return_number=echoes.number,
        number_of_returns=echoes.count,
        scan_angle=np.rint(angle).astype(np.int16),
        gps_time=rays.along[axis] / (SLOW if device.height < LOW else SPEED),
        point_source_id=np.full(len(axis), source, dtype=np.uint16),
        label=echoes.label,
        instance=echoes.instance,
    )


def _whole(pulse: NDArray[np.int64], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Echoes of the pulses that have none outside; pulses (E,) increasing."""
    out = np.zeros(int(pulse.max(initial=0)) + 1, dtype=bool)
    out[pulse[~inside]] = True
    return ~out[pulse]
