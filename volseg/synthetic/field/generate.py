"""From a seed to what a robot sees of its soccer field."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from volseg.errors import InputError
from volseg.synthetic.field.camera import Floats, RobotCamera, look
from volseg.synthetic.field.canvas import Canvas
from volseg.synthetic.field.figures import Painter, ball, goal, robot, spectator
from volseg.synthetic.field.ground import Pitch, draw_pitch, paint_ground
from volseg.synthetic.pictures import LabelledPicture

SIZE, FINE = (320, 240), 2
"""Columns and rows of an image, and how many times as many are painted."""


def generate_field(seed: int) -> LabelledPicture:
    """Draw what the camera of a robot sees while it plays soccer.

    Everything is invented: field, goals, ball, robots, audience and hall. The camera is low,
    tilted and on the move, and the light is what windows and lamps give. On one machine the same
    seed gives the same pixels.

    Args:
        seed: non-negative; another seed, another field.

    Returns:
        An image of 320 x 240 pixels; labels are those of `canvas.FieldLabel`; goals, balls,
        robots and spectators are objects.

    Raises:
        InputError: if the seed is negative.
    """
    if seed < 0:
        raise InputError(f"seed is {seed}, wanted a whole number of 0 or more")
    rng = np.random.default_rng(seed)
    pitch = draw_pitch(rng)
    camera = _draw_camera(rng, pitch)
    canvas = Canvas(camera, *paint_ground(rng, camera, pitch))
    painters = _cast(rng, camera, pitch)
    for _, paint in sorted(painters, key=lambda each: -each[0]):
        paint(canvas)
    colours = np.asarray(canvas.colours, np.float64)
    return LabelledPicture(
        _expose(rng, colours),
        np.asarray(canvas.labels)[::FINE, ::FINE].copy(),
        np.asarray(canvas.objects)[::FINE, ::FINE].astype(np.uint16),
    )


def _draw_camera(rng: np.random.Generator, pitch: Pitch) -> RobotCamera:
    place = np.array([
        rng.uniform(-0.9, 0.9) * pitch.length, rng.uniform(-0.9, 0.9) * pitch.width,
        rng.uniform(0.4, 1.1),
    ])  # fmt: skip
    aim = np.arctan2(-place[1], rng.choice([-1, 1]) * pitch.length - place[0])
    heading = aim + rng.normal(0, 0.7)
    pitched, roll = np.deg2rad(rng.uniform(2, 28)), np.deg2rad(rng.normal(0, 3))
    size = (SIZE[0] * FINE, SIZE[1] * FINE)
    return look(place, heading, pitched, roll, np.deg2rad(rng.uniform(50, 75)), size)


def _cast(
    rng: np.random.Generator, camera: RobotCamera, pitch: Pitch
) -> list[tuple[float, Painter]]:
    """Everyone, and how far from the camera."""
    made: list[tuple[float, Painter]] = []

    def enter(place: Floats, painter: Painter) -> None:
        made.append((float(np.linalg.norm(place - camera.place)), painter))

    for end in (-1, 1):
        enter(np.array([end * pitch.length, 0, 0.5]), goal(rng, pitch, end))
    if rng.random() < 0.9:
        spot = _seen(rng, camera, pitch, 0.5, 3.5)
        enter(spot, ball(rng, spot))
    for _ in range(int(rng.integers(1, 7))):
        spot = _seen(rng, camera, pitch, 0.7, 6)
        enter(spot, robot(rng, spot, rng.uniform(0, 2 * np.pi)))
    reach = np.array([pitch.length + pitch.border, pitch.width + pitch.border])
    for _ in range(int(rng.integers(5, 60))):
        angle, away = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 3)
        side = np.array([np.cos(angle), np.sin(angle)])
        edge = side / np.max(np.abs(side)) * reach + np.sign(side) * away
        spot = np.array([*edge, 0.0])
        enter(spot, spectator(rng, spot))
    return made


def _seen(
    rng: np.random.Generator, camera: RobotCamera, pitch: Pitch, near: float, far: float
) -> Floats:
    """A place on the carpet before the camera, if there is one."""
    heading = np.arctan2(camera.axes[2, 1], camera.axes[2, 0])
    away, angle = rng.uniform(near, far), heading + rng.uniform(-0.6, 0.6)
    x = camera.place[0] + away * np.cos(angle)
    y = camera.place[1] + away * np.sin(angle)
    return np.array([
        np.clip(x, -pitch.length, pitch.length), np.clip(y, -pitch.width, pitch.width), 0.0,
    ])  # fmt: skip


def _expose(rng: np.random.Generator, colours: Floats) -> NDArray[np.uint8]:
    """Blur by motion, bring to the image's size, and change light, colours and noise."""
    steps = int(rng.integers(1, 7)) if rng.random() < 0.5 else 1
    angle = rng.normal(0, 0.5)
    shifts = np.round(np.outer(np.arange(steps) - steps // 2, (np.sin(angle), np.cos(angle))))
    moved = sum(np.roll(colours, (int(dy), int(dx)), (0, 1)) for dy, dx in shifts) / steps
    rows, columns = SIZE[1], SIZE[0]
    image = np.asarray(moved).reshape(rows, FINE, columns, FINE, 3).mean(axis=(1, 3))
    image = ndimage.gaussian_filter(image, (s := rng.uniform(0, 0.7), s, 0))
    gain = rng.uniform(0.45, 1.3) * (1 + rng.normal(0, 0.08, 3))
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    shade = 1 - rng.uniform(0, 0.3) * (x**2 + y**2) / 2
    image = 255 * np.clip(image * gain * shade[..., None] / 255, 0, 1) ** rng.uniform(0.8, 1.25)
    image += rng.normal(size=image.shape) * rng.uniform(1, 9)
    exposed: NDArray[np.uint8] = np.clip(image, 0, 255).astype(np.uint8)
    return exposed
