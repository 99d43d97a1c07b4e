"""The carpet with its lines, and the hall around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from volseg.synthetic.field.camera import Floats, RobotCamera
from volseg.synthetic.field.canvas import FieldLabel

THINNEST = 1.5
"""Widths of a line that a pixel may be long: lines farther away are specks, and count as field."""


@dataclass(frozen=True)
class Pitch:
    """Half the length and half the width of the field, metres; and what else the rules say.

    ``border`` is the carpet outside the lines, ``area`` depth and half the width of the goal area,
    ``goal`` half the width and the height of a goal, ``circle`` the radius in the middle.
    """

    length: float
    width: float
    border: float
    line: float
    area: tuple[float, float]
    goal: tuple[float, float]
    circle: float


def draw_pitch(rng: np.random.Generator) -> Pitch:
    """A field of the size of one of RoboCup's leagues, or between them."""
    scale = rng.uniform(0.75, 1.25)
    return Pitch(
        4.5 * scale, 3.0 * scale, rng.uniform(0.5, 1), rng.uniform(0.045, 0.06),
        (rng.uniform(0.6, 1), rng.uniform(1.2, 1.7)), (rng.uniform(0.7, 0.9), rng.uniform(0.75, 1)),
        0.75 * scale,
    )  # fmt: skip


def paint_ground(
    rng: np.random.Generator, camera: RobotCamera, pitch: Pitch
) -> tuple[Floats, np.ndarray]:
    """Colours (rows, columns, 3), 0 to 255, and labels, where nobody stands in between."""
    rays = camera.rays()
    falling = rays[..., 2] < -1e-3
    way = np.where(falling, camera.place[2] / np.where(falling, -rays[..., 2], 1), 0)
    x, y = camera.place[0] + way * rays[..., 0], camera.place[1] + way * rays[..., 1]
    carpet = falling & (np.abs(x) < pitch.length + pitch.border)
    carpet &= np.abs(y) < pitch.width + pitch.border
    line = carpet & _on_line(x, y, pitch)
    colours = _hall(rng, camera, rays, way, falling, np.hypot(x, y), pitch)
    green = np.array([rng.uniform(15, 70), rng.uniform(85, 160), rng.uniform(20, 85)])
    blades = 1 + rng.uniform(0.02, 0.12) * rng.normal(size=x.shape)
    patches = 1 + rng.uniform(0, 0.15) * np.sin(x * rng.uniform(0.5, 4) + rng.uniform(0, 6))
    colours = np.where(carpet[..., None], green * (blades * patches)[..., None], colours)
    white = rng.uniform(170, 240) * (0.5 + 0.5 * blades)
    colours = np.where(line[..., None], white[..., None], colours)
    colours = np.where(carpet[..., None], colours * _lamps(rng, x, y, pitch)[..., None], colours)
    labels = np.where(carpet, FieldLabel.FIELD, FieldLabel.SURROUNDINGS)
    pixel = way**2 / (camera.focal * camera.place[2])  # its length on the carpet
    return colours, np.where(line & (pixel < THINNEST * pitch.line), FieldLabel.LINE, labels)


def _on_line(x: Floats, y: Floats, pitch: Pitch) -> np.ndarray:
    """Whether places lie on the white lines, which are alike in all four corners."""
    x, y, half = np.abs(x), np.abs(y), pitch.line / 2
    depth, side = pitch.area
    inside = (x < pitch.length + half) & (y < pitch.width + half)
    lines = (np.abs(x - pitch.length) < half) | (np.abs(y - pitch.width) < half) | (x < half)
    lines |= np.abs(np.hypot(x, y) - pitch.circle) < half
    lines |= (np.abs(x - (pitch.length - depth)) < half) & (y < side + half)
    lines |= (np.abs(y - side) < half) & (x > pitch.length - depth)
    spot = 0.6 * pitch.length
    lines |= (np.abs(x - spot) < half) & (y < 2 * half) | (np.abs(x - spot) < 2 * half) & (y < half)
    made: np.ndarray = inside & lines
    return made


def _lamps(rng: np.random.Generator, x: Floats, y: Floats, pitch: Pitch) -> Floats:
    """How bright each place of the carpet is: pools of lamps or of sun from a window."""
    light = np.full(x.shape, rng.uniform(0.6, 1))
    for _ in range(int(rng.integers(0, 4))):
        cx, cy = rng.uniform(-pitch.length, pitch.length), rng.uniform(-pitch.width, pitch.width)
        radius = rng.uniform(0.7, 3)
        away = np.hypot(x - cx, (y - cy) * rng.uniform(0.5, 1.5)) / radius
        light += rng.uniform(-0.35, 0.7) * np.exp(-(away**2))
    if rng.random() < 0.25:
        edge, angle = rng.uniform(-3, 3), rng.uniform(0, np.pi)
        light = np.where(x * np.cos(angle) + y * np.sin(angle) > edge, light * 1.35, light)
    bright: Floats = np.maximum(light, 0.25)
    return bright


def _hall(
    rng: np.random.Generator, camera: RobotCamera, rays: Floats, way: Floats, falling: np.ndarray,
    away: Floats, pitch: Pitch,
) -> Floats:  # fmt: skip
    """Floor, and walls with boards, windows and doors: boxes by heading and height."""
    turn = np.arctan2(rays[..., 1], rays[..., 0])
    up = rays[..., 2] / np.hypot(rays[..., 0], rays[..., 1])
    wall = rng.uniform(60, 210) + rng.normal(0, 18, 3)
    colours = wall * (0.8 + 0.5 * np.clip(up, -0.2, 1))[..., None]
    for _ in range(int(rng.integers(4, 22))):
        middle, height = rng.uniform(-np.pi, np.pi), rng.uniform(-0.1, 0.7)
        offset = np.abs(np.angle(np.exp(1j * (turn - middle))))
        box = (offset < rng.uniform(0.01, 0.25)) & (np.abs(up - height) < rng.uniform(0.01, 0.25))
        colour = rng.uniform(0, 255, 3) if rng.random() < 0.6 else np.full(3, rng.uniform(0, 255))
        colours = np.where(box[..., None], colour, colours)
    floor = rng.uniform(50, 200) + rng.normal(0, 15, 3)
    near = falling & (away < pitch.length + pitch.border + rng.uniform(3, 9))
    return np.where(near[..., None], floor * rng.uniform(0.8, 1.1), colours)
