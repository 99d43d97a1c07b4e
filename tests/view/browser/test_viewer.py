"""Pages for browsers: all modes in one file, the colours of the scene, no network."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from volseg.geometry import LabelClass, LabelMap, PointCloud
from volseg.geometry.volume import Volume
from volseg.view.browser.viewer import scene_page
from volseg.view.scans.scene import ScanScene
from volseg.view.scene import Look
from volseg.view.volumes.aligned import AlignedVolumes
from volseg.view.volumes.scene import VolumeScene

LABELS = LabelMap((LabelClass("west", (1,), "#C81E1E"), LabelClass("<b>east", (2,), "#1E1EC8")))


def scan_scene(name: str = "boxes") -> ScanScene:
    random = np.random.default_rng(0)
    xyz = np.vstack([random.random((900, 3)) * 8, random.random((900, 3)) * 8 + (24, 0, 0)])
    truth = np.repeat([1, 2], 900)
    guess = np.where(xyz[:, 0] > 31, 1, truth)
    colours = dict(zip(("red", "green", "blue"), random.integers(0, 255, (3, 1800)), strict=True))
    cloud = PointCloud(xyz + 5e6, {**colours, "echo": np.ones(1800)}, guess)
    return ScanScene(name, cloud, truth=truth, labels=LABELS, most=10**6)


def figure(page: bytes) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Traces and layout of a page."""
    text = page.decode()
    call = text[text.rindex("Plotly.newPlot(") :]
    decoder, found = json.JSONDecoder(), []
    at = call.index("[")
    traces, end = decoder.raw_decode(call, at)
    layout, _ = decoder.raw_decode(call, call.index("{", end))
    found = [one for one in traces if isinstance(one, dict)]
    return found, layout


def count(trace: dict[str, Any]) -> int:
    import base64

    return len(np.frombuffer(base64.b64decode(trace["x"]["bdata"]), trace["x"]["dtype"]))


def test_every_mode_has_its_points_and_one_is_shown() -> None:
    traces, layout = figure(scene_page(scan_scene(), Look("error")))
    shown = [one for one in traces if one["visible"]]
    assert [one["name"] for one in shown] == ["correct", next(one["name"] for one in shown[1:])]
    assert shown[1]["marker"]["color"] == "#D61A1A"
    buttons = layout["updatemenus"][0]["buttons"]
    assert [one["label"] for one in buttons] == ["class", "truth", "error", "colour", "height"]
    for button in buttons:
        visible = button["args"][0]["visible"]
        assert len(visible) == len(traces)
        points = sum(count(one) for one, on in zip(traces, visible, strict=True) if on)
        assert points == 1800


def test_classes_have_their_colours_and_names_that_are_no_markup() -> None:
    traces, _ = figure(scene_page(scan_scene(), Look("truth")))
    shown = {one["name"]: one["marker"]["color"] for one in traces if one["visible"]}
    assert shown == {"west": "#C81E1E", "&lt;b&gt;east": "#1E1EC8"}


def test_the_worst_spots_can_be_chosen() -> None:
    _, layout = figure(scene_page(scan_scene(), Look("error")))
    labels = [one["label"] for one in layout["updatemenus"][1]["buttons"]]
    assert labels[0] == "the whole"
    assert re.fullmatch(r"worst spot 1: \d+ wrong", labels[1])


def test_a_mode_without_a_key_is_there_when_asked_for() -> None:
    _, layout = figure(scene_page(scan_scene(), Look("echo")))
    assert layout["updatemenus"][0]["buttons"][-1]["label"] == "echo"


def test_nothing_is_fetched_and_a_name_cannot_end_the_script() -> None:
    page = scene_page(scan_scene("</script><script>alert(1)"), Look("class")).decode()
    assert "alert(1)" in page
    assert "<script>alert(1)" not in page
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", page)
    assert page.startswith('<!doctype html>\n<html lang="en">')


@pytest.mark.usefixtures("drawing")
def test_volumes_have_surfaces_with_names_and_slices_without() -> None:
    labels = np.zeros((12, 12, 12), dtype=np.uint8)
    labels[2:6, 2:10, 2:10], labels[6:10, 2:10, 2:10] = 1, 2
    case = AlignedVolumes("v", labels=Volume(labels[None], np.eye(4)), classes=None)
    traces, _ = figure(scene_page(VolumeScene(case), Look("class")))
    assert [(one["type"], one["name"]) for one in traces] == [
        *[("mesh3d", "")] * 3, ("mesh3d", "1"), ("mesh3d", "2"), ("mesh3d", "")
    ]  # fmt: skip


def test_an_image_keeps_its_legend() -> None:
    labels = np.zeros((9, 12, 1), dtype=np.uint8)
    labels[3:5] = 7
    case = AlignedVolumes("i", labels=Volume(labels[None], np.eye(4)), unit="pixels")
    traces, layout = figure(scene_page(VolumeScene(case), Look("class")))
    assert [one["name"] for one in traces] == ["", "7"]
    assert layout["scene"]["dragmode"] == "pan"
    assert layout["scene"]["camera"]["up"] == pytest.approx({"x": 0, "y": 1, "z": 0})


def test_a_browser_draws_it(tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    (tmp_path / "page.html").write_bytes(scene_page(scan_scene(), Look("error")))
    command = [
        chromium, "--headless=new", "--no-sandbox", "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader", "--window-size=900,700", "--virtual-time-budget=10000",
        f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={tmp_path / 'page.png'}",
        (tmp_path / "page.html").as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with Image.open(tmp_path / "page.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    for colour, side in (((205, 205, 205), 500), ((214, 26, 26), 60)):
        assert (np.abs(pixels - colour).max(axis=2) < 10).sum() > side
