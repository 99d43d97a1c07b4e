"""Power lines: lattice pylons with their conductors, and wooden posts with wires."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from volseg.synthetic.airborne.lines.bars import bars, chain, hang
from volseg.synthetic.airborne.lines.stations import headings, put, stations
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.facets import Facets, Floats, join
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.poles import power_line as posts
from volseg.synthetic.scenery import Scenery, gather

STEEL = Skin(Label.PYLON, Material.METAL)
CONDUCTOR = Skin(Label.WIRE, Material.METAL)
GUARD = Skin(Label.GUARD_WIRE, Material.METAL)
CLEARANCE = 7.0
"""Metres that conductors keep over the ground."""


@dataclass(frozen=True)
class Mast:
    """A lattice mast.

    Attributes:
        base: half of its width at the ground, metres.
        waist: half of its width from its lowest arm on, metres.
        arms: height of each pair of arms over the foot, and how far they reach, metres.
        peak: height over the foot, where the guard wire is.
        insulator: metres from an arm's end down to its conductor.
    """

    base: float
    waist: float
    arms: tuple[tuple[float, float], ...]
    peak: float
    insulator: float

    @property
    def hooks(self) -> Floats:
        """Where conductors hang, y and height over the foot, (k, 2)."""
        ends = [(s * reach, z - self.insulator) for z, reach in self.arms for s in (-1, 1)]
        return np.array(ends)

    def raised(self, metres: float) -> Mast:
        """The same mast on longer legs."""
        arms = tuple((z + metres, reach) for z, reach in self.arms)
        return replace(self, arms=arms, peak=self.peak + metres)


def draw_mast(rng: np.random.Generator) -> Mast:
    """A mast of one, two or three levels of arms, 16 to 60 m high."""
    size = rng.uniform(0.6, 1.5)
    low = rng.uniform(16, 20) * max(size, 0.9)
    reach, step = size * rng.uniform(5, 8), size * rng.uniform(4.5, 6.5)
    levels = {
        "single": ((low, 1.3 * reach),),
        "danube": ((low, 1.5 * reach), (low + step, 0.8 * reach)),
        "barrel": ((low, 0.8 * reach), (low + step, reach), (low + 2 * step, 0.7 * reach)),
    }
    arms = levels[str(rng.choice(list(levels)))]
    return Mast(
        base=size * rng.uniform(2.0, 3.5),
        waist=size * rng.uniform(0.5, 0.9),
        arms=arms,
        peak=arms[-1][0] + size * rng.uniform(3, 6),
        insulator=size * rng.uniform(1.5, 3),
    )


def pylon(mast: Mast) -> Facets:
    """A mast at the origin whose arms reach along y."""
    lowest = mast.arms[0][0]
    levels = np.concatenate((np.linspace(-1, lowest, 7), [z for z, _ in mast.arms[1:]]))
    levels = np.append(levels, mast.peak)
    half = np.interp(levels, (0, lowest, mast.peak), (mast.base, mast.waist, 0.15))
    corners = [
        np.stack((sx * half, sy * half, levels), axis=1)
        for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    parts = [chain(corner, 0.16, STEEL) for corner in corners]
    for side in range(4):
        a, b = corners[side], corners[(side + 1) % 4]
        parts += [bars(a[:-1], b[1:], 0.09, STEEL), bars(b[:-1], a[1:], 0.09, STEEL)]
    for z, reach in mast.arms:
        parts.append(_arm(mast, z, reach))
    return join(parts).as_object()


def _arm(mast: Mast, z: float, reach: float) -> Facets:
    """A pair of arms with their insulators."""
    w = float(np.interp(z, (0, mast.arms[0][0], mast.peak), (mast.base, mast.waist, 0.15)))
    lines = []
    for side in (-1, 1):
        tip = (0.0, side * reach, z)
        lines += [((w, side * w, z), tip), ((-w, side * w, z), tip)]
        lines += [((0.0, side * w, z + 0.2 * reach), tip)]
        for share in (0.3, 0.6):
            y = side * (w + share * (reach - w))
            narrow = w * (1 - share)
            lines.append(((narrow, y, z), (-narrow, y, z)))
            lines.append(((narrow, y, z), (0.0, y, z + 0.2 * reach * (1 - share))))
        lines.append((tip, (0.0, side * reach, z - mast.insulator)))
    ends = np.array(lines)
    return bars(ends[:, 0], ends[:, 1], 0.12, STEEL)


def power_line(rng: np.random.Generator, terrain: Terrain, line: Floats) -> Scenery:
    """A high-voltage line along a polyline: pylons 150 to 350 m apart, conductors, guard wire."""
    mast = draw_mast(rng)
    feet = _dry(terrain, line, rng.uniform(150, 350) * min(1.2, mast.peak / 35))
    turn = headings(feet)
    tension = rng.uniform(0.8e-4, 1.3e-4)
    sags = tension * np.linalg.norm(np.diff(feet[:, :2], axis=0), axis=1) ** 2
    masts = _standing(terrain, mast, feet, turn, sags)
    parts: list[Facets] = []
    for own, foot, angle in zip(masts, feet, turn, strict=True):
        parts.append(put(pylon(own), foot, angle))
    thick, peak = rng.uniform(0.04, 0.1), np.array([[0.0, mast.peak - mast.arms[0][0]]])
    hooks = mast.hooks - (0, mast.arms[0][0])
    for k, sag in enumerate(sags.tolist()):
        ends = [
            [_hung(masts[i], feet[i], turn[i], own) for i in (k, k + 1)] for own in (hooks, peak)
        ]
        for start, end in zip(*ends[0], strict=True):
            parts.append(chain(hang(start, end, sag), thick, CONDUCTOR))
        parts.append(chain(hang(ends[1][0][0], ends[1][1][0], 0.7 * sag), 0.03, GUARD))
    return gather(parts)


def _dry(terrain: Terrain, line: Floats, span: float) -> Floats:
    """Places of masts, (n, 3), at most a span apart where that is possible on dry ground."""
    points = stations(terrain, line, 10.0)
    step, last = max(1, int(span / 10)), len(points) - 1
    dry, chosen = ~terrain.wet(points[:, 0], points[:, 1]), [0]
    while chosen[-1] < last:
        reach = np.arange(chosen[-1] + 1, min(chosen[-1] + step, last) + 1)
        near = reach[dry[reach] & (reach >= chosen[-1] + step // 2)]
        chosen.append(int(near[-1] if reach[-1] < last and len(near) else reach[-1]))
    return points[chosen]


def _standing(terrain: Terrain, mast: Mast, feet: Floats, turn: Floats, sags: Floats) -> list[Mast]:
    """The masts of a line, on legs so long that its conductors clear the ground, by up to 30 m."""
    extra, hooks = np.zeros(len(feet)), mast.hooks - (0, mast.arms[0][0])
    for k, sag in enumerate(sags.tolist()):
        ends = (_hung(mast, feet[i], turn[i], hooks) for i in (k, k + 1))
        wires = np.concatenate([hang(start, end, sag) for start, end in zip(*ends, strict=True)])
        over = wires[:, 2] - terrain.height(wires[:, 0], wires[:, 1])
        lack = min(max(CLEARANCE - float(over.min()), 0.0), 30.0)
        extra[k : k + 2] = np.maximum(extra[k : k + 2], lack)
    return [mast.raised(float(metres)) for metres in extra]


def _hung(mast: Mast, foot: Floats, angle: float, hooks: Floats) -> Floats:
    """Places of hooks, given as y and height over the lowest arm, (k, 2), in the world, (k, 3)."""
    across = np.stack((-np.sin(angle) * hooks[:, 0], np.cos(angle) * hooks[:, 0]), axis=1)
    return np.asarray(foot + np.column_stack((across, hooks[:, 1] + mast.arms[0][0])))


def telephone_line(rng: np.random.Generator, terrain: Terrain, line: Floats) -> Scenery:
    """Posts 25 to 60 m apart along each leg of a polyline, and their wires."""
    parts, span, seed = [], rng.uniform(25, 60), int(rng.integers(2**32))
    for start, end in pairwise(line):
        feet = stations(terrain, np.stack((start, end)), span)
        away = np.linalg.norm(feet[:, :2] - start, axis=1)
        made = posts(np.random.default_rng(seed), away, feet[:, 2])
        wire = made.instance == 0
        label = np.where(wire, int(Label.WIRE), int(Label.PYLON)).astype(np.int8)
        heading = float(np.arctan2(*(end - start)[::-1]))
        parts.append(put(replace(made, label=label), np.append(start, 0.0), heading))
    return gather(parts)
