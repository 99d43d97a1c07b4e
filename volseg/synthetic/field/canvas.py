"""A picture that is being painted from far to near, and what each pixel is."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw

from volseg.synthetic.field.camera import Floats, RobotCamera

Colour = tuple[int, int, int]
NEAR = 0.12
"""Metres before the camera from which on things are seen."""


class FieldLabel(IntEnum):
    """Ids of classes; the preset `image/field` names and colours them."""

    SURROUNDINGS = 0
    FIELD = 1
    LINE = 2
    GOAL = 3
    BALL = 4
    ROBOT = 5
    AUDIENCE = 6


class Canvas:
    """Three images in step: ``colours`` RGB, ``labels`` and ``objects``, ids from 1 on."""

    def __init__(self, camera: RobotCamera, colours: Floats, labels: np.ndarray) -> None:
        self.camera = camera
        self.colours = Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))
        self.labels = Image.fromarray(labels.astype(np.uint8))
        self.objects = Image.new("I", self.labels.size)
        self.last = 0
        self._layers = [ImageDraw.Draw(each) for each in (self.colours, self.labels, self.objects)]

    def new_object(self) -> int:
        """The next id."""
        self.last += 1
        return self.last

    def limb(
        self, ends: ArrayLike, radii: tuple[float, float], colour: Colour,
        label: FieldLabel, number: int,
    ) -> None:  # fmt: skip
        """Paint what two balls of these radii span: ends (2, 3) and radii in metres."""
        pixels, depth = self.camera.project(np.asarray(ends, float))
        if depth.min() < NEAR:
            return
        sizes = np.maximum(self.camera.focal * np.asarray(radii) / depth, 0.7)
        for share, light in ((1.0, 0.72), (0.75, 1.0)):  # darker at the rim
            paint = tuple(min(int(light * part), 255) for part in colour)
            self._span(pixels, sizes * share, (paint, int(label), number))

    def _span(self, pixels: Floats, sizes: Floats, fills: tuple[object, ...]) -> None:
        along = pixels[1] - pixels[0]
        length = float(np.hypot(*along))
        for draw, fill in zip(self._layers, fills, strict=True):
            for (x, y), size in zip(pixels, sizes, strict=True):
                draw.ellipse((x - size, y - size, x + size, y + size), fill=fill)  # type: ignore[arg-type]
            if length > 0.5:
                aside = np.array([-along[1], along[0]]) / length
                a, b = aside * sizes[0], aside * sizes[1]
                corners = [pixels[0] + a, pixels[1] + b, pixels[1] - b, pixels[0] - a]
                draw.polygon([tuple(corner) for corner in corners], fill=fill)  # type: ignore[arg-type]

    def thread(self, ends: ArrayLike, colour: Colour) -> None:
        """Paint a line of a pixel that one sees through: it changes no label."""
        pixels, depth = self.camera.project(np.asarray(ends, float))
        if depth.min() > NEAR:
            self._layers[0].line([tuple(pixel) for pixel in pixels], fill=colour)
