"""Slices of volumes: what buttons and sliders say is what the pixels show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

ORGAN, VESSEL, WRONG = "#0072B2", "#F0E442", "#D61A1A"
GRID = (24, 20, 16)
Snap = Callable[..., np.ndarray[Any, Any]]
Share = Callable[..., float]


@pytest.fixture
def scene(volume_page: Any) -> Any:
    """The case with two wrong boxes, as it starts, but opaque and without lines."""
    return opaque(volume_page.locator(".scene", has_text="boxes").first)


def opaque(scene: Any) -> Any:
    scene.get_by_role("button", name="Errors").click()
    scene.locator("[data-opacity]").fill("100")
    for button in ("[data-class][aria-pressed=false]", "[data-outlines][aria-pressed=true]"):
        scene.locator(button).evaluate_all("all => all.forEach((one) => one.click())")
    for slider in scene.locator("[data-slice]").all():
        slider.fill(slider.get_attribute("value"))
    return scene


def at(pixels: np.ndarray[Any, Any], right: float, down: float) -> str:
    """The colour at shares of width and height."""
    height, width, _ = pixels.shape
    return "#" + bytes(pixels[int(down * height), int(right * width)]).hex().upper()


def test_errors_are_red_where_they_are(scene: Any, snap: Snap, share: Share) -> None:
    axial, coronal, sagittal = scene.locator("canvas").all()
    place = (7 / GRID[0], 1 - 13.5 / GRID[1])
    shown = snap(axial, "axial")
    assert at(shown, *place) == WRONG
    assert share(shown, WRONG) == pytest.approx(12 / (GRID[0] * GRID[1]), rel=0.1)
    assert share(shown, ORGAN) == share(shown, VESSEL) == 0
    assert at(snap(coronal, "coronal"), place[0], 1 - 9.5 / GRID[2]) == WRONG
    assert at(snap(sagittal, "sagittal"), 13.5 / GRID[1], 1 - 9.5 / GRID[2]) == WRONG
    scene.get_by_role("button", name="Prediction").click()
    assert at(snap(axial, "predicted"), *place) == VESSEL
    scene.get_by_role("button", name="Truth").click()
    assert at(snap(axial, "truth"), *place) == ORGAN


def test_the_left_may_be_on_the_right(scene: Any, snap: Snap) -> None:
    axial, _, sagittal = scene.locator("canvas").all()
    place = 7 / GRID[0], 1 - 13.5 / GRID[1]
    before = snap(sagittal, "sagittal")
    button = scene.get_by_role("button", name="Left on the right")
    button.click()
    shown = snap(axial, "radiological")
    assert at(shown, 1 - place[0], place[1]) == WRONG
    assert at(shown, *place) != WRONG
    assert (snap(sagittal, "sagittal again") == before).all()
    button.click()
    assert at(snap(axial, "back"), *place) == WRONG


def test_slices_are_as_wide_as_millimetres_say(scene: Any) -> None:
    sides = [one.bounding_box() for one in scene.locator("canvas").all()]
    shapes = [box["width"] / box["height"] for box in sides]
    assert shapes == pytest.approx([24 / 20, 24 / 32, 20 / 32], rel=0.02)
    assert sides[0]["width"] == pytest.approx(sides[1]["width"], abs=2)  # of one scale


def test_a_hidden_class_vanishes_and_comes_back(scene: Any, snap: Snap, share: Share) -> None:
    axial = scene.locator("canvas").first
    scene.get_by_role("button", name="Truth").click()
    vessel = scene.get_by_role("button", name="vessel <b>")
    before = snap(axial, "all")
    assert share(before, VESSEL) == pytest.approx(16 / (GRID[0] * GRID[1]), rel=0.1)
    vessel.click()
    assert vessel.get_attribute("aria-pressed") == "false"
    hidden = snap(axial, "organ")
    assert share(hidden, VESSEL) == 0
    assert share(hidden, ORGAN) == share(before, ORGAN) > 0
    vessel.press("Enter")
    scene.page.mouse.move(0, 0)
    assert (snap(axial, "again") == before).all()


def test_errors_hide_with_the_last_of_their_classes(scene: Any, snap: Snap, share: Share) -> None:
    axial = scene.locator("canvas").first
    whole = share(snap(axial, "both"), WRONG)
    scene.get_by_role("button", name="organ").click()
    assert share(snap(axial, "vessel"), WRONG) == whole
    scene.get_by_role("button", name="vessel <b>").click()
    assert share(snap(axial, "none"), WRONG) == 0


def test_keys_move_a_slider_to_another_slice(scene: Any, snap: Snap, share: Share) -> None:
    axial, coronal, _ = scene.locator("canvas").all()
    slider = scene.get_by_role("slider", name="Axial")
    before, other = snap(axial, "worst"), snap(coronal, "worst-coronal")
    assert slider.get_attribute("aria-valuetext") == "9 of 16, 12 wrong"
    slider.press("Home")
    assert slider.get_attribute("aria-valuetext") == "1 of 16, 0 wrong"
    first = snap(axial, "first")
    assert share(first, WRONG) == 0 < share(before, WRONG)
    moved = snap(coronal, "first-coronal")
    assert not (moved == other).all()  # its tick moved along
    for _ in range(8):
        slider.press("ArrowRight")
    assert (snap(axial, "back") == before).all()


def test_opacity_and_outlines(scene: Any, snap: Snap, share: Share) -> None:
    axial = scene.locator("canvas").first
    scene.get_by_role("button", name="Truth").click()
    filled = share(snap(axial, "filled"), ORGAN)
    scene.locator("[data-opacity]").fill("0")
    assert share(snap(axial, "clear"), ORGAN) == 0
    scene.get_by_role("button", name="Outlines").click()
    lined = snap(axial, "lined")
    assert 0 < share(lined, ORGAN) < filled / 3
    assert at(lined, 9 / GRID[0], 1 - 8 / GRID[1]) not in (ORGAN, WRONG)


def test_the_button_steps_to_the_next_worst_slices(scene: Any, snap: Snap) -> None:
    axial = scene.locator("canvas").first
    scene.get_by_role("button", name="Next worst slices").press("Space")
    assert (
        scene.get_by_role("slider", name="Axial").get_attribute("aria-valuetext")
        == "3 of 16, 9 wrong"
    )
    assert at(snap(axial, "next"), 21.5 / GRID[0], 1 - 16.5 / GRID[1]) == WRONG


def test_a_click_brings_the_other_slices_there(scene: Any) -> None:
    axial = scene.locator("canvas").first
    box = axial.bounding_box()
    place = {"x": 18.5 / GRID[0] * box["width"], "y": (1 - 7.5 / GRID[1]) * box["height"]}
    axial.click(position=place)
    assert scene.get_by_role("slider", name="Sagittal").input_value() == "18"
    assert scene.get_by_role("slider", name="Coronal").input_value() == "7"
    said = scene.locator(".readout").text_content()
    assert said == "Right: vessel <b>, at right 18.0, anterior 7.0, superior 16.0 mm."


def test_an_empty_prediction_misses_everything(volume_page: Any, snap: Snap, share: Share) -> None:
    scene = opaque(volume_page.locator(".scene", has_text="empty").first)
    assert share(snap(scene.locator("canvas").first, "missed"), WRONG) > 0.25
    scene.get_by_role("button", name="Prediction").click()
    shown = snap(scene.locator("canvas").first, "predicted")
    assert share(shown, ORGAN) == share(shown, VESSEL) == share(shown, WRONG) == 0
