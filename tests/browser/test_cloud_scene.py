"""Clouds in 3-D: what buttons say is what the pixels show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

GROUND, BOX, WRONG, RIGHT = "#009E73", "#0072B2", "#D61A1A", "#CDCDCD"
Snap = Callable[..., np.ndarray[Any, Any]]
Share = Callable[..., float]


@pytest.fixture(scope="module")
def scene(cloud_page: Any) -> Any:
    """The worst tile, drawn in 3-D."""
    scene = cloud_page.locator(".scene").first
    scene.scroll_into_view_if_needed()
    scene.locator("[data-state=live] .stage canvas").first.wait_for()
    return scene


@pytest.fixture
def shown(scene: Any, snap: Snap) -> Snap:
    """Takes a picture of the 3-D view, drawn anew."""

    def shown(name: str) -> np.ndarray[Any, Any]:
        scene.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done)))")
        return snap(scene.locator(".stage"), name)

    return shown


def test_modes_have_their_colours(scene: Any, shown: Snap, share: Share) -> None:
    errors = shown("errors")
    assert share(errors, WRONG) > 0.002
    assert share(errors, RIGHT) > 0.01
    assert share(errors, GROUND) == share(errors, BOX) == 0
    scene.get_by_role("button", name="Truth").press("Enter")
    truth = shown("truth")
    assert share(truth, WRONG) == 0
    assert share(truth, GROUND) > 0.01
    scene.get_by_role("button", name="Prediction").click()
    assert 0 < share(shown("prediction"), BOX) < 0.8 * share(truth, BOX)
    scene.get_by_role("button", name="Errors").click()


def test_a_hidden_class_vanishes_and_comes_back(scene: Any, shown: Snap, share: Share) -> None:
    scene.get_by_role("button", name="Truth").click()
    box = scene.get_by_role("button", name="box")
    before = share(shown("all"), BOX)
    box.click()
    assert share(shown("ground"), BOX) == 0 < before
    box.click()
    assert share(shown("again"), BOX) == pytest.approx(before, rel=0.05)
    scene.get_by_role("button", name="Errors").click()


def test_hidden_mistakes_vanish(scene: Any, shown: Snap, share: Share) -> None:
    wrong = scene.get_by_role("button", name="wrong", exact=True)
    wrong.click()
    assert share(shown("right"), WRONG) == 0
    wrong.click()
    assert share(shown("all"), WRONG) > 0.002


def test_a_worst_place_comes_near(scene: Any, shown: Snap, share: Share) -> None:
    before = share(shown("far"), WRONG)
    scene.locator("[data-spot]").first.press("Enter")
    assert share(shown("near"), WRONG) > 1.2 * before
    assert "mostly box taken for ground" in scene.locator(".readout").text_content()
