from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from volseg.view import ColourBar, Entry, Legend
from volseg.view.legend import draw_legend, format_ends, shorten, text_width
from volseg.view.palette import id_colour


def legend(count: int, name: str = "class") -> Legend:
    return Legend("classes", tuple(Entry(f"{name} {k}", id_colour(k)) for k in range(count)))


def colours_in(image: Image.Image) -> set[tuple[int, ...]]:
    return {tuple(pixel) for pixel in np.asarray(image).reshape(-1, 3).tolist()}


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(("count", "size"), [(1, (300, 300)), (20, (400, 900)), (60, (500, 500))])
def test_every_class_is_shown_within_the_room(
    count: int, size: tuple[int, int], wide: bool
) -> None:
    image = draw_legend(legend(count), *size, 20, wide=wide)
    assert image.width <= size[0]
    assert image.height <= size[1]
    assert {id_colour(k) for k in range(count)} <= colours_in(image)


def test_long_names_are_cut_not_spilt() -> None:
    image = draw_legend(legend(12, "a name that goes on and on " * 4), 300, 600, 20)
    assert image.width <= 300
    assert {id_colour(k) for k in range(12)} <= colours_in(image)


def test_what_does_not_fit_is_left_out() -> None:
    image = draw_legend(legend(200), 150, 150, 20)
    assert image.width <= 150
    assert image.height <= 150
    shown = {id_colour(k) for k in range(200)} & colours_in(image)
    assert 1 <= len(shown) < 200


def test_the_bar_runs_from_the_low_to_the_high_colour() -> None:
    image = draw_legend(Legend("height", bar=ColourBar(0.0, 10.0, "m")), 400, 400, 20)
    row = np.asarray(image)[round(20 * 1.7) + 5].astype(int)
    assert row[2].tolist() == pytest.approx([0x3D, 0x00, 0x6F], abs=4)
    assert row[-12].tolist() == pytest.approx([0xF9, 0xE0, 0x3F], abs=6)


def test_shortened_text_fits() -> None:
    text = shorten("a long sentence about nothing", 20, 120)
    assert text.endswith("...")
    assert text_width(text, 20) <= 120
    assert shorten("short", 20, 120) == "short"


@pytest.mark.parametrize(
    ("ends", "wanted"),
    [
        ((0.0, 1.0), ("0", "1")),
        ((213.4, 1444.2), ("213.4", "1444")),
        ((7.0, 7.0), ("7", "7")),
        ((300000.5, 300001.5), ("300000.5", "300001.5")),
    ],
)
def test_ends_are_told_apart(ends: tuple[float, float], wanted: tuple[str, str]) -> None:
    assert format_ends(*ends) == wanted
