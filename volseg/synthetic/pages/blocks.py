"""What newspapers are made of: articles, pictures, tables and adverts."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from volseg.synthetic.pages.sheet import Box, PageLabel, PageSheet, Typography, words_for

SCREENS = ("plain", "dots", "lines")


def print_article(sheet: PageSheet, box: Box, style: Typography, columns: int, ruled: bool) -> None:
    """A headline over columns of text, with lines between them or without."""
    top = box.top
    if sheet.rng.random() < 0.85:
        top = print_headline(sheet, box, style, sheet.rng.uniform(1.4, 1.5 + 0.7 * columns))
    for column, (left, right) in enumerate(column_edges(box, columns, style.gap)):
        print_text(sheet, Box(left, top, right, box.bottom), style)
        if ruled and column and box.bottom - top > 2 * style.pitch:
            middle = left - style.gap // 2
            sheet.rule(Box(middle, top, middle + 1, box.bottom))


def column_edges(box: Box, columns: int, gap: int) -> list[tuple[int, int]]:
    """From where to where each column of a box goes."""
    step = (box.width + gap) / columns
    lefts = [round(box.left + k * step) for k in range(columns)]
    return [(left, min(round(left + step - gap), box.right)) for left in lefts]


def print_headline(sheet: PageSheet, box: Box, style: Typography, scale: float) -> int:
    """One to three lines of large letters; return where the text below them begins."""
    rng = sheet.rng
    size = min(int(np.ceil(style.size * scale)), box.width // 4)
    words = words_for(sheet, style, int(rng.integers(2, 9)), capitals=bool(rng.random() < 0.4))
    centre, top = bool(rng.random() < 0.6), box.top
    for _ in range(3):
        if not words or top + 1.3 * size > box.bottom:
            break
        start, end = sheet.line(words, (box.left, top), box.width, style.head, size, centre=centre)
        bottom = top + int(1.25 * size)
        if end > start:
            sheet.mark(Box(start, top, end, bottom), PageLabel.HEADLINE)
            top = bottom
    return top + style.pitch // 2


def print_text(sheet: PageSheet, box: Box, style: Typography) -> None:
    """Paragraphs of justified lines, down to the end of the box or a little less."""
    rng, top = sheet.rng, box.top
    bottom = box.bottom - (int(rng.integers(0, 4 * style.pitch)) if rng.random() < 0.3 else 0)
    words: list[str] = []
    while top + style.pitch <= bottom:
        indent = 0
        if not words:
            words = words_for(sheet, style, int(rng.integers(12, 90)))
            indent = style.size
        start, end = sheet.line(
            words, (box.left + indent, top), box.width - indent, style.body, style.size,
            justify=True,
        )  # fmt: skip
        if end > start:
            sheet.mark(Box(start, top, end, top + style.pitch), PageLabel.TEXT)
            top += style.pitch


def print_picture(sheet: PageSheet, box: Box, style: Typography) -> None:
    """A photograph or an engraving, and maybe a line of text below."""
    if sheet.rng.random() < 0.6 and box.height > 6 * style.pitch:
        top = box.bottom - style.pitch
        words = words_for(sheet, style, 12)
        start, end = sheet.line(
            words, (box.left, top), box.width, style.body, style.size, centre=True
        )
        sheet.mark(Box(start, top, end, box.bottom), PageLabel.TEXT)
        box = box._replace(bottom=top - 3)
    paste_picture(sheet, box)
    sheet.mark(box, PageLabel.PICTURE, thing=True)


def paste_picture(sheet: PageSheet, box: Box) -> None:
    """Gray clouds and shapes, printed by dots, lines or plainly."""
    rng, shape = sheet.rng, (box.height, box.width)
    coarse = rng.normal(size=(5, 5)) + rng.normal() * np.linspace(-1, 1, 5)[:, None]
    tone = ndimage.zoom(
        coarse, (shape[0] / 5, shape[1] / 5), order=1, grid_mode=True, mode="nearest"
    )
    y, x = np.mgrid[: shape[0], : shape[1]]
    for _ in range(int(rng.integers(2, 9))):
        cy, cx, ry, rx = rng.uniform(0, 1, 4) * (*shape, *shape)
        power = rng.choice([2, 8])  # an oval, or nearly a rectangle
        inside = (
            np.abs((y - cy) / (ry / 2 + 3)) ** power + np.abs((x - cx) / (rx / 2 + 3)) ** power < 1
        )
        tone[inside] = 0.3 * tone[inside] + rng.normal()
    tone += rng.normal(size=shape) * rng.uniform(0, 0.3)
    tone = (tone - tone.min()) / max(np.ptp(tone), 1e-6)
    screen, period = SCREENS[int(rng.integers(3))], rng.uniform(2.5, 5)
    if screen != "plain":
        angle = rng.uniform(0, np.pi)
        u, v = (x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle))
        wave = np.sin(2 * np.pi * u / period)
        if screen == "dots":
            wave = (wave + np.sin(2 * np.pi * v / period)) / 2
        tone = np.clip(0.5 + 4 * (tone - 0.5 - 0.45 * wave), 0, 1)
    gray = (20 + 215 * tone).astype(np.uint8)
    sheet.ink.paste(Image.fromarray(gray), (box.left, box.top))
    if rng.random() < 0.4:
        sheet.draw.rectangle((box.left, box.top, box.right - 1, box.bottom - 1), outline=0)


def print_table(sheet: PageSheet, box: Box, style: Typography) -> None:
    """Words at the left and numbers in columns, with lines between or without."""
    rng = sheet.rng
    columns = max(min(int(rng.integers(3, 7)), box.width // (4 * style.size)), 2)
    first = int(box.width * rng.uniform(0.25, 0.5))
    edges = np.linspace(box.left + first, box.right, columns).astype(int)
    pitch, ruled = style.pitch + int(rng.integers(0, 5)), rng.random(3) < 0.5
    font, digits = style.body.at(style.size), int(rng.integers(1, 5))
    bottom = box.top + (box.height // pitch) * pitch
    for top in range(box.top, bottom, pitch):
        words = words_for(sheet, style, 2)
        sheet.line(words, (box.left + 2, top), first - 4, style.body, style.size)
        for right in edges[1:]:
            number = str(int(rng.integers(10**digits)))
            length = font.getlength(number)
            sheet.draw.text((right - 3 - length, top), number, font=font, fill=0)
        if ruled[0]:
            sheet.draw.line((box.left, top, box.right - 1, top), fill=0)
    if ruled[1]:
        for x in edges[:-1]:
            sheet.draw.line((int(x), box.top, int(x), bottom - 1), fill=0)
    if ruled[2]:
        sheet.draw.rectangle((box.left, box.top, box.right - 1, bottom - 1), outline=0)
    sheet.mark(box._replace(bottom=bottom), PageLabel.TABLE, thing=True)


def print_advert(sheet: PageSheet, box: Box, style: Typography) -> None:
    """A frame around centred lines of all sizes, maybe with a small picture."""
    rng = sheet.rng
    sheet.mark(box, PageLabel.ADVERT, thing=True)
    reverse = rng.random() < 0.15
    corners = (box.left, box.top, box.right - 1, box.bottom - 1)
    sheet.draw.rectangle(
        corners, fill=0 if reverse else 255, outline=0, width=int(rng.integers(1, 5))
    )
    if rng.random() < 0.4:
        a, b, c, d = box.inside(6)
        sheet.draw.rectangle((a, b, c - 1, d - 1), outline=255 if reverse else 0)
    inner = box.inside(9)
    if inner.width < 24 or inner.height < 12:
        return
    top = inner.top
    if rng.random() < 0.4 and inner.height > 50:
        side = min(inner.width, inner.height // 3)
        left = inner.left + (inner.width - side) // 2
        paste_picture(sheet, Box(left, top, left + side, top + side))
        top += side + 3
    while top + style.size < inner.bottom:
        size = int(min(style.size * rng.uniform(0.8, 3), inner.width / 4, inner.bottom - top))
        words = words_for(sheet, style, int(rng.integers(1, 6)), capitals=bool(rng.random() < 0.4))
        fount = style.head if rng.random() < 0.6 else style.body
        if top + 1.3 * size > inner.bottom:
            break
        sheet.line(
            words, (inner.left, top), inner.width, fount, size,
            centre=True, dark=255 if reverse else 0,
        )  # fmt: skip
        top += int(1.3 * size) + int(rng.integers(0, 6))
