"""What time and a scanner do to a printed page."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from volseg.synthetic.pages.sheet import PageSheet
from volseg.synthetic.pictures import LabelledPicture

YELLOWS = ((255, 252, 245), (240, 222, 178), (205, 175, 120))
"""New paper, old paper, and such as crumbles."""
Gray = NDArray[np.float64]


def age(rng: np.random.Generator, sheet: PageSheet) -> LabelledPicture:
    """Fade, stain, tear, bend and scan a sheet; its labels bend with it."""
    ink = 1 - np.asarray(sheet.ink, np.float64) / 255
    ink = ndimage.gaussian_filter(ink, rng.uniform(0, 0.7)) * rng.uniform(0.6, 1)
    ink *= 1 - rng.uniform(0, 0.4) * clouds(rng, ink.shape, 6)
    if rng.random() < 0.6:  # what is printed on the other side
        behind = np.roll(ink[:, ::-1], rng.integers(-20, 20, 2), (0, 1))
        ink = np.maximum(ink, ndimage.gaussian_filter(behind, 1.2) * rng.uniform(0.05, 0.3))
    paper = _paper(rng, ink.shape)
    black = rng.uniform(10, 60) + np.array([8, 4, 0])
    image = paper * (1 - ink[..., None]) + black * ink[..., None]
    keep = _untorn(rng, ink.shape)
    image = np.where(keep[..., None], image, rng.choice([15, 60, 245]))
    rows, columns, inside = _bend(rng, ink.shape)
    out = np.stack([_sample(image[..., k], rows, columns, 1) for k in range(3)], axis=-1)
    out = np.where(
        inside[..., None], out, image[0, 0] if rng.random() < 0.3 else rng.uniform(5, 250)
    )
    out *= 1 + rng.uniform(0, 0.25) * (clouds(rng, ink.shape, 3)[..., None] - 0.5)
    out += rng.normal(size=ink.shape)[..., None] * rng.uniform(0, 9)
    if rng.random() < 0.35:
        out[:] = out.mean(axis=-1, keepdims=True)  # scanned without colours
    labels = _sample(sheet.labels * keep, rows, columns, 0) * inside
    objects = _sample(sheet.objects * keep, rows, columns, 0) * inside
    return LabelledPicture(
        np.clip(out, 0, 255).astype(np.uint8), labels.astype(np.uint8), objects.astype(np.uint16)
    )


def clouds(rng: np.random.Generator, shape: tuple[int, ...], cells: int) -> Gray:
    """Smooth noise (H, W) from 0 to 1, so many cells wide."""
    coarse = rng.random((cells, cells))
    zoom = (shape[0] / cells, shape[1] / cells)
    made: Gray = ndimage.zoom(coarse, zoom, order=1, grid_mode=True, mode="nearest")
    return np.clip(made, 0, 1)


def _paper(rng: np.random.Generator, shape: tuple[int, ...]) -> Gray:
    """Yellow, browner towards the edges, with stains, folds and specks: (H, W, 3)."""
    tint = rng.uniform(0, 2)
    colour = np.array(
        [np.interp(tint, (0, 1, 2), channel) for channel in zip(*YELLOWS, strict=True)]
    )
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    dark = rng.uniform(0, 0.25) * np.maximum(np.abs(x), np.abs(y)) ** 4
    dark = dark + rng.uniform(0, 0.3) * clouds(rng, shape, 5) ** 3
    for _ in range(int(rng.integers(0, 3))):  # folds
        across = y if rng.random() < 0.5 else x
        dark = dark + rng.uniform(-0.15, 0.2) * np.exp(
            -(((across - rng.uniform(-0.6, 0.6)) / 0.004) ** 2)
        )
    specks = rng.random(shape) < rng.uniform(0, 0.0015)
    dark = dark + 0.8 * ndimage.gaussian_filter(specks.astype(float), 0.8)
    brown = np.array([0.6, 1.0, 1.5])  # blue goes first
    paper: Gray = colour * np.clip(1 - dark[..., None] * brown, 0, 1.05)
    return paper


def _untorn(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where there still is paper (H, W): pieces are torn from edges and corners."""
    keep = np.ones(shape, np.bool_)
    y, x = np.mgrid[: shape[0], : shape[1]]
    ragged = 14 * (clouds(rng, shape, 40) + clouds(rng, shape, 12))
    for _ in range(int(rng.integers(0, 4)) if rng.random() < 0.5 else 0):
        side, along = rng.integers(4), rng.uniform()
        cy, cx = [(0, along), (1, along), (along, 0), (along, 1)][side]
        away = np.hypot(y - cy * shape[0], x - cx * shape[1])
        keep &= away + ragged > rng.uniform(20, 90)
    return keep


def _bend(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Gray, Gray, NDArray[np.bool_]]:
    """For every pixel of the scan where on the sheet it lies, rows and columns; and if on it."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    y, x = y - shape[0] / 2, x - shape[1] / 2
    angle = np.deg2rad(np.clip(rng.normal(0, 1.5), -5, 5))
    scale = rng.uniform(0.98, 1.06)
    y, x = (
        scale * (y * np.cos(angle) - x * np.sin(angle)),
        scale * (y * np.sin(angle) + x * np.cos(angle)),
    )
    wave, phase = rng.uniform(0, 4), rng.uniform(0, 6)
    y = y + wave * np.sin(x / shape[1] * rng.uniform(1, 6) + phase)
    x = x * (1 + rng.uniform(-0.03, 0.03) * y / shape[0])
    rows, columns = y + shape[0] / 2, x + shape[1] / 2
    inside = (rows >= 0) & (rows < shape[0] - 1) & (columns >= 0) & (columns < shape[1] - 1)
    return rows, columns, inside


def _sample(plane: NDArray[Any], rows: Gray, columns: Gray, order: Literal[0, 1]) -> NDArray[Any]:
    made: NDArray[Any] = ndimage.map_coordinates(
        plane, np.stack((rows, columns)), order=order, mode="nearest"
    )
    return made
