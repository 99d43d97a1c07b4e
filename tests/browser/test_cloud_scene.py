"""Clouds in 3-D: what buttons say is what the pixels show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

GROUND, BOX, WRONG, RIGHT = "#009E73", "#0072B2", "#D61A1A", "#CDCDCD"
Pixels = np.ndarray[Any, Any]
Wait = Callable[[str, Callable[[Pixels], bool]], Pixels]
Share = Callable[..., float]


@pytest.fixture(scope="module")
def scene(cloud_page: Any) -> Any:
    """The worst tile, drawn in 3-D."""
    scene = cloud_page.locator(".scene").first
    scene.scroll_into_view_if_needed()
    scene.locator("[data-state=live] .stage canvas").first.wait_for()
    return scene


@pytest.fixture
def wait(scene: Any, snap: Callable[..., Pixels]) -> Wait:
    """Waits until the 3-D view, which is drawn some frames later, shows what it should."""

    def wait(name: str, shows: Callable[[Pixels], bool]) -> Pixels:
        for _ in range(40):
            pixels = snap(scene.locator(".stage"), name)
            if shows(pixels):
                return pixels
            scene.page.wait_for_timeout(250)
        raise AssertionError(f"the picture {name} does not show what it should")

    return wait


def test_modes_have_their_colours(scene: Any, wait: Wait, share: Share) -> None:
    errors = wait("errors", lambda shown: share(shown, WRONG) > 0.002)
    assert share(errors, RIGHT) > 0.01
    assert share(errors, GROUND) == share(errors, BOX) == 0
    scene.get_by_role("button", name="Truth").press("Enter")
    truth = wait("truth", lambda shown: share(shown, WRONG) == 0)
    assert share(truth, GROUND) > 0.01
    scene.get_by_role("button", name="Prediction").click()
    few = wait("prediction", lambda shown: share(shown, BOX) < 0.8 * share(truth, BOX))
    assert share(few, BOX) > 0
    scene.get_by_role("button", name="Errors").click()


def test_a_hidden_class_vanishes_and_comes_back(scene: Any, wait: Wait, share: Share) -> None:
    scene.get_by_role("button", name="Truth").click()
    box = scene.get_by_role("button", name="box")
    wait("all", lambda shown: share(shown, BOX) > 0.002 and share(shown, WRONG) == 0)
    box.click()
    alone = wait("ground", lambda shown: share(shown, BOX) == 0)
    assert share(alone, GROUND) > 0.01
    box.click()
    wait("again", lambda shown: share(shown, BOX) > 0.002)
    scene.get_by_role("button", name="Errors").click()


def test_hidden_mistakes_vanish(scene: Any, wait: Wait, share: Share) -> None:
    wrong = scene.get_by_role("button", name="wrong", exact=True)
    wrong.click()
    right = wait("right", lambda shown: share(shown, WRONG) == 0)
    assert share(right, RIGHT) > 0.01
    wrong.click()
    wait("all", lambda shown: share(shown, WRONG) > 0.002)


def test_a_worst_place_comes_near(scene: Any, wait: Wait, share: Share) -> None:
    before = share(wait("far", lambda shown: share(shown, WRONG) > 0.002), WRONG)
    scene.locator("[data-spot]").first.press("Enter")
    wait("near", lambda shown: share(shown, WRONG) > 1.2 * before)
    assert "mostly box taken for ground" in scene.locator(".readout").text_content()
