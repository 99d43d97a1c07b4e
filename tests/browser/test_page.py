"""Pages of reports: for every reader, on every screen and on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("kind", ["cloud", "volume"])
@pytest.mark.parametrize(("width", "media"), [(360, "screen"), (720, "print"), (1400, "screen")])
def test_axe_finds_no_barrier_and_nothing_sticks_out(
    request: pytest.FixtureRequest, snap: Callable[..., Any], kind: str, width: int, media: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = request.getfixturevalue(f"{kind}_page")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(media=media)
    found = axe.run(page)
    snap(page, "page", full_page=True)
    sticks_out = page.evaluate("document.documentElement.scrollWidth") > width
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1400, "height": 900})
    assert found.violations_count == 0, found.generate_report()
    assert not sticks_out


def test_the_first_screen_leads_to_the_worst_case(volume_page: Any) -> None:
    volume_page.keyboard.press("Tab")
    assert volume_page.locator(":focus").text_content() == "Skip to the figures"
    volume_page.get_by_role("link", name="Show the worst volume: empty").press("Enter")
    heading = volume_page.get_by_role("heading", name="empty")
    assert 0 <= heading.bounding_box()["y"] < 200
