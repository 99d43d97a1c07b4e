"""Kinds of street-level scanners: where each stands or drives, and how well it measures."""

from __future__ import annotations

from typing import Literal

import numpy as np

from volseg.synthetic.scanners.profiles import Profiles, tilted
from volseg.synthetic.scanners.rays import Rays
from volseg.synthetic.scanners.returns import Scanner
from volseg.synthetic.scanners.turns import Turns

Kind = Literal["mobile", "pushbroom", "multibeam", "tripod"]
"""``mobile``: two rotating profilers of a survey car, turned outwards. ``pushbroom``: one profiler
that looks to one side. ``multibeam``: a stack of beams that turns on a roof, one or some turns.
``tripod``: a terrestrial scanner on one or some stands."""

# All keep to y < 0, where no oncoming car drives through them.
KINDS: tuple[Kind, ...] = ("mobile", "pushbroom", "multibeam", "tripod")
BLIND = np.radians(30.0)
"""Half-angle about straight down that the carrying vehicle hides from a mobile profiler."""


def draw_scanner(rng: np.random.Generator, kind: Kind, lane: float, length: float) -> Scanner:
    """A scanner of a kind for a street whose lanes are ``lane`` metres wide."""
    plan = {"mobile": _mobile, "pushbroom": _pushbroom, "multibeam": _multibeam, "tripod": _tripod}
    seed = int(rng.integers(2**32))
    coarse = {"mobile": 0.02, "pushbroom": 0.04, "multibeam": 0.03, "tripod": 0.008}[kind]
    return Scanner(
        # The same route for any number of rays.
        lambda count: plan[kind](np.random.default_rng(seed), count, lane, length),
        noise=coarse * rng.uniform(0.25, 1.0),
        stray=rng.uniform(0.0005, 0.004),
        weakest=10 ** rng.uniform(-3.0, -1.9),
    )


def _mobile(rng: np.random.Generator, count: int, lane: float, length: float) -> list[Rays]:
    yaw, tilt = rng.uniform(np.radians(15), np.radians(50)), rng.uniform(0, np.radians(20))
    place = (-rng.uniform(0.4, 0.6) * lane, rng.uniform(1.8, 2.8))
    view = (BLIND, 2 * np.pi - BLIND)
    pace = rng.uniform(25, 75)
    return [_drive(rng, count // 2, length, pace, turn, tilt, place, view) for turn in (yaw, -yaw)]


def _pushbroom(rng: np.random.Generator, count: int, lane: float, length: float) -> list[Rays]:
    side = float(rng.choice([-1, 1]))
    yaw, tilt = rng.normal(0, np.radians(4), 2)
    place = (-rng.uniform(0.1, 0.7) * lane, rng.uniform(1.5, 3.0))
    low, high = np.radians(rng.uniform(5, 40)), np.radians(rng.uniform(125, 175))
    view = (low, high) if side > 0 else (2 * np.pi - high, 2 * np.pi - low)
    # Lines lie apart as much as points do along them, or several times so.
    return [_drive(rng, count, length, 10 ** rng.uniform(0.9, 1.9), yaw, tilt, place, view)]


def _multibeam(rng: np.random.Generator, count: int, lane: float, length: float) -> list[Rays]:
    low, high, beams = ((-24.8, 2.0, 64), (-30.7, 10.7, 32), (-15.0, 15.0, 16), (-25.0, 15.0, 40))[
        int(rng.integers(4))
    ]
    elevations = np.radians(np.linspace(low, high, beams) + rng.normal(0, 0.05, beams))
    turns = int(rng.choice([1, 3, 10, 30]))
    height, away = rng.uniform(1.6, 2.2), -rng.uniform(0.1, 0.6) * lane
    middle, reach = rng.uniform(0.4, 0.6) * length, rng.uniform(0.15, 0.4) * length
    along = np.linspace(-reach, reach, turns) + middle if turns > 1 else np.array([middle])
    places = np.stack((along, *(np.full(turns, value) for value in (away, height))), axis=1)
    steps = int(np.clip(count / (turns * beams), 30, 4000))
    return [Turns(places, rng.random(turns), steps, np.sort(elevations))]


def _tripod(rng: np.random.Generator, count: int, lane: float, length: float) -> list[Rays]:
    stands = int(rng.integers(1, 4))
    side = -rng.uniform(0.1, 1.0, stands) * lane
    along = (np.arange(stands) + rng.uniform(0.3, 0.7, stands)) / stands * length
    places = np.stack((along, side, rng.uniform(1.4, 2.0, stands)), axis=1)
    low, high = np.radians(rng.uniform(-60, -40)), np.radians(rng.uniform(45, 80))
    step = np.sqrt(2 * np.pi * (high - low) * stands / count)
    elevations = np.arange(low, high, step)
    return [Turns(places, rng.random(stands), max(4, int(2 * np.pi / step)), elevations)]


def _drive(
    rng: np.random.Generator,
    count: int,
    length: float,
    pace: float,
    yaw: float,
    tilt: float,
    place: tuple[float, float],
    view: tuple[float, float],
) -> Profiles:
    """About ``count`` rays of a drive; ``pace`` of 50 spaces them evenly at about 9 m."""
    share = (view[1] - view[0]) / (2 * np.pi)
    steps = max(4, int(np.sqrt(count * pace * share / length)))
    profiles = max(2, count // steps)
    speed = 1 + 0.25 * np.sin(np.linspace(0, rng.uniform(3, 9), profiles) + rng.uniform(0, 6))
    along = np.cumsum(speed) - speed[0]
    along *= length / along[-1]
    across, up = tilted(yaw, tilt)
    return Profiles(along, rng.random(profiles), steps, across, up, place, view)
