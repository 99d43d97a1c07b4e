"""Options of pages and pictures that exclude each other are refused before any work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import volseg as vs


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"screenshot": "a.png", "web": True}, "one of screenshot, turntable and web"),
        ({"screenshot": "a.png", "turntable": "a.gif"}, "one of screenshot, turntable and web"),
        ({"beside": True, "screenshot": "a.png"}, "beside needs truth"),
        ({"screenshot": "tile.laz", "overwrite": True}, "tile.laz: "),
        ({"screenshot": "boxes.yaml"}, "exists already"),
    ],
)
def test_pictures(world: Path, options: dict[str, Any], said: str) -> None:
    before = (world / "tile.laz").read_bytes()
    with pytest.raises(vs.InputError, match=said):
        vs.view("tile.laz", **options)
    assert (world / "tile.laz").read_bytes() == before
    assert not (world / "a.png").exists()


@pytest.mark.parametrize(
    ("truth", "options", "said"),
    [
        (None, {"label_field": "x"}, "label_field goes with predicted and truth"),
        ("tile.laz", {"data": "tiles"}, "data goes with a run alone"),
    ],
)
def test_pages(world: Path, truth: str | None, options: dict[str, Any], said: str) -> None:
    with pytest.raises(vs.InputError, match=said):
        vs.report("tile.laz", truth, "page.html", **options)
    assert not (world / "page.html").exists()


def test_a_run_of_a_network_of_ones_own_is_reported_with_it(world: Path) -> None:
    net = vs.nn.UNet(3, 5, 2, (4, 8))
    vs.train("boxes.yaml", "tiles", "runs/own", minutes=0.001, net=net)
    with pytest.raises(vs.InputError, match="one of your own"):
        vs.report("runs/own", target="own.html")
    assert len(vs.report("runs/own", target="own.html", net=net).cases) == 1
    with pytest.raises(vs.InputError, match="net goes with a run alone"):
        vs.report("tile.laz", "tile.laz", "page.html", net=net)
