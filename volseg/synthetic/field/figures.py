"""Who and what stands on the field and beside it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from volseg.synthetic.field.camera import Floats
from volseg.synthetic.field.canvas import Canvas, Colour, FieldLabel
from volseg.synthetic.field.ground import Pitch

Place = tuple[float, float, float]
Limb = tuple[list[Place], tuple[float, float], "Colour"]
Painter = Callable[[Canvas], None]
JERSEYS: tuple[Colour, ...] = (
    (30, 60, 190), (200, 30, 40), (240, 200, 20), (20, 20, 20), (240, 240, 240), (230, 110, 20),
    (120, 30, 140), (90, 90, 90),
)  # fmt: skip


def _colour(rng: np.random.Generator, low: float = 0, high: float = 255) -> Colour:
    red, green, blue = rng.uniform(low, high, 3)
    return int(red), int(green), int(blue)


def _turned(heading: float, points: ArrayLike) -> Floats:
    """Points ahead, left and above (N, 3), turned to a heading."""
    ahead = np.array([np.cos(heading), np.sin(heading), 0])
    left = np.array([-np.sin(heading), np.cos(heading), 0])
    basis = np.stack((ahead, left, [0, 0, 1]))
    made: Floats = np.asarray(points, float) @ basis
    return made


def robot(rng: np.random.Generator, place: Floats, heading: float) -> Painter:
    """A humanoid robot, standing, walking or fallen, 0.45 to 0.9 m high."""
    s = rng.uniform(0.45, 0.9)
    gray = int(rng.choice([225, 190, 60]))
    shell, dark = (gray, gray, min(gray + 6, 255)), (45, 45, 50)
    jersey = JERSEYS[int(rng.integers(len(JERSEYS)))]
    step, hands = rng.uniform(-0.12, 0.12), rng.uniform(-0.15, 0.2, 2)
    fallen = rng.random() < 0.12
    limbs: list[Limb] = []
    for side, ahead in ((-1, step), (1, -step)):
        hip, knee, foot = (
            (0, 0.09 * side, 0.45),
            (0.04 + ahead, 0.09 * side, 0.24),
            (ahead, 0.1 * side, 0.05),
        )
        toe = (ahead + 0.12, 0.1 * side, 0.045)
        limbs += [([foot, toe], (0.05, 0.045), shell), ([foot, knee], (0.05, 0.055), shell)]
        limbs += [([knee, hip], (0.05, 0.065), shell), ([knee, knee], (0.05, 0.05), dark)]
        reach = hands[int(side > 0)]
        shoulder, elbow = (0, 0.19 * side, 0.75), (reach / 2, 0.23 * side, 0.6)
        hand = (reach + 0.08, 0.22 * side, 0.47)
        limbs += [([shoulder, elbow], (0.05, 0.045), shell), ([elbow, hand], (0.04, 0.035), shell)]
    limbs += [([(0, 0, 0.5), (0, 0, 0.72)], (0.11, 0.14), jersey)]
    limbs += [
        ([(0, 0, 0.9), (0, 0, 0.92)], (0.09, 0.09), shell),
        ([(0.06, 0, 0.91), (0.06, 0, 0.91)], (0.045, 0.045), dark),
    ]

    def paint(canvas: Canvas) -> None:
        number = canvas.new_object()
        ahead = canvas.camera.place - place
        solid = []
        for ends, radii, colour in limbs:
            lying = (
                [(z, y, 0.08 - x if x < 0 else 0.08 + x) for x, y, z in ends] if fallen else ends
            )
            points = place + s * (_turned(heading, lying))
            solid.append((points, (s * radii[0], s * radii[1]), colour))
        solid.sort(key=lambda each: float(-np.linalg.norm(each[0].mean(axis=0) - place - ahead)))
        for points, radii, colour in solid:
            canvas.limb(points, radii, colour, FieldLabel.ROBOT, number)

    return paint


def ball(rng: np.random.Generator, place: Floats) -> Painter:
    """A ball of one colour, or white with black patches."""
    radius = rng.uniform(0.05, 0.11)
    plain = rng.random() < 0.4
    colour = (235, 90 + int(rng.integers(90)), 20) if plain else (235, 235, 235)
    patches = rng.normal(size=(12, 3))
    patches /= np.linalg.norm(patches, axis=1, keepdims=True)
    middle = place + np.array([0, 0, radius])

    def paint(canvas: Canvas) -> None:
        number = canvas.new_object()
        canvas.limb([middle, middle], (radius, radius), colour, FieldLabel.BALL, number)
        towards = canvas.camera.place - middle
        towards = towards / np.linalg.norm(towards)
        for patch in () if plain else patches:
            if patch @ towards > 0.55:
                spot = middle + 0.8 * radius * patch
                size = 0.24 * radius
                canvas.limb([spot, spot], (size, size), (25, 25, 25), FieldLabel.BALL, number)

    return paint


def goal(rng: np.random.Generator, pitch: Pitch, end: int) -> Painter:
    """White posts and a bar, and a net behind them."""
    half, height = pitch.goal
    x, back = end * pitch.length, end * (pitch.length + 0.5)
    colour: Colour = (235, 235, 235) if rng.random() < 0.75 else (230, 200, 40)
    threads = int(rng.integers(6, 16))
    gray = int(rng.integers(120, 230))

    def paint(canvas: Canvas) -> None:
        number = canvas.new_object()
        for share in np.linspace(-1, 1, threads):
            y = half * share
            canvas.thread([(back, y, 0), (x, y, height)], (gray, gray, gray))
            level = height * (share + 1) / 2
            depth = back + (x - back) * level / height
            canvas.thread([(depth, -half, level), (depth, half, level)], (gray, gray, gray))
        for ends in (
            [(x, -half, 0.05), (x, -half, height)], [(x, half, 0.05), (x, half, height)],
            [(x, -half, height), (x, half, height)],
        ):  # fmt: skip
            canvas.limb(ends, (0.05, 0.05), colour, FieldLabel.GOAL, number)

    return paint


def spectator(rng: np.random.Generator, place: Floats) -> Painter:
    """Somebody who watches, standing or sitting."""
    height, heading = rng.uniform(1.5, 1.9), rng.uniform(0, 2 * np.pi)
    if rng.random() < 0.3:
        place = place - np.array([0, 0, 0.45])  # sits: the legs are hidden
    shirt, trousers, hair = _colour(rng), _colour(rng, 10, 120), _colour(rng, 5, 110)
    tone = rng.uniform(0.35, 1)
    skin = (int(235 * tone), int(190 * tone), int(160 * tone))
    limbs: list[Limb] = [
        ([(0, side * 0.06, 0.05), (0, side * 0.06, 0.5)], (0.04, 0.055), trousers)
        for side in (-1, 1)
    ]
    limbs += [([(0, 0, 0.52), (0, 0, 0.76)], (0.1, 0.12), shirt)]
    limbs += [
        ([(0, side * 0.15, 0.78), (0.03, side * 0.17, 0.5)], (0.035, 0.03), shirt)
        for side in (-1, 1)
    ]
    limbs += [
        ([(0, 0, 0.93), (0, 0, 0.95)], (0.06, 0.062), hair),
        ([(0.02, 0, 0.91), (0.02, 0, 0.92)], (0.05, 0.05), skin),
    ]

    def paint(canvas: Canvas) -> None:
        number = canvas.new_object()
        for ends, radii, colour in limbs:
            points = place + height * _turned(heading, ends)
            sizes = (height * radii[0], height * radii[1])
            canvas.limb(points, sizes, colour, FieldLabel.AUDIENCE, number)

    return paint
