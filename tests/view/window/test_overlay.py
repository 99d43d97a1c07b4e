"""The panel of the window: readable for any number of classes, and to be clicked on."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.view.palette import id_colour
from volseg.view.scans.scene import ScanScene
from volseg.view.scene import Look
from volseg.view.window.overlay import EDGE, draw_overlay

SIZE = (1280, 800)


def scene(classes: int) -> ScanScene:
    xyz = np.random.default_rng(0).random((classes, 3))
    return ScanScene("a", PointCloud(xyz, labels=np.arange(classes)), most=10**6)


@pytest.mark.parametrize("classes", [1, 9, 116])
def test_every_class_is_there_and_found_where_it_stands(classes: int) -> None:
    overlay = draw_overlay(scene(classes), Look("class"), SIZE, help_too=False)
    assert overlay.image.width < 0.55 * SIZE[0]
    assert overlay.image.height < SIZE[1]
    pixels = np.asarray(overlay.image)
    for number in range(classes):
        rows, columns = np.nonzero((pixels == id_colour(number)).all(axis=2))
        assert len(rows) > 20
        at = (EDGE + columns.mean(), EDGE + rows.mean())
        assert overlay.covers(*at)
        assert overlay.class_at(*at) == number


def test_hidden_classes_are_hollow_in_place() -> None:
    def filled(*hidden: int) -> list[int]:
        look = Look("class", frozenset(hidden))
        pixels = np.asarray(draw_overlay(scene(4), look, SIZE, help_too=False).image)
        return [int((pixels == id_colour(k)).all(axis=2).sum()) for k in range(4)]

    before, after = filled(), filled(2)
    assert after[:2] == before[:2]
    assert 0 < after[2] < before[2] / 2


def test_what_is_no_class_is_not_clicked_on() -> None:
    overlay = draw_overlay(scene(3), Look("height"), SIZE, help_too=False)
    assert overlay.class_at(30, 60) is None
    assert not overlay.covers(SIZE[0] - 5, SIZE[1] - 5)
    overlay = draw_overlay(scene(3), Look("class"), SIZE, help_too=False)
    assert overlay.class_at(1, 1) is None
    assert overlay.class_at(30, EDGE + overlay.image.height - 2) is None


def test_help_fits_a_small_window_too() -> None:
    image = draw_overlay(scene(3), Look("class"), (780, 760), help_too=True).image
    assert image.width <= 780 - EDGE
    assert image.height <= 760 - EDGE
