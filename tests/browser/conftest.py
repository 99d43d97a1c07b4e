"""Reports in a real browser, without a network; pictures of them go to ``VOLSEG_SCREENSHOTS``."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from volseg.evaluate.volumes.pairs import VolumePair
from volseg.evaluate.volumes.scores import score_cases
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.report.page import Subject, build_page
from volseg.report.scans.case import ScanCase
from volseg.report.scans.results import report_scans
from volseg.report.volumes.case import VolumeCase
from volseg.report.volumes.results import report_volumes

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Debian's Chromium draws WebGL in software; containers allow no sandbox of its own.
OPTIONS = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
           "--force-color-profile=srgb")  # fmt: skip
LABELS = LabelMap(
    (
        LabelClass("background", (0,), "#B0B0B0"),
        LabelClass("organ", (1,), "#0072B2"),
        LabelClass("vessel <b>", (2,), "#F0E442"),
    )
)
GROUND = LabelMap((LabelClass("ground", (2,), "#009E73"), LabelClass("box", (6,), "#0072B2")))
GRID = (24, 20, 16)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """A browser; skips where it, or what drives it, is not installed.

    It is closed after this folder's tests: others must not find its event loop running.
    """
    driver = pytest.importorskip("playwright.sync_api", reason="needs the pip package playwright")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("needs Chromium: on Debian, apt-get install chromium")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(OPTIONS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def told() -> list[str]:
    """Errors that pages told, and what they asked for outside of their file."""
    return []


@pytest.fixture(autouse=True)
def silence(told: list[str]) -> Iterator[None]:
    """Every test fails in which a page tells an error, or asks for something outside of it."""
    yield
    found = told.copy()
    told.clear()
    assert found == []


@pytest.fixture(scope="package")
def open_page(chromium: Any, told: list[str]) -> Callable[[Path], Any]:
    """Opens a file; pages are opened once, since that takes longer than any test."""

    def open_page(path: Path) -> Any:
        context = chromium.new_context(viewport={"width": 1400, "height": 900}, offline=True)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda one: told.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda one: told.append(one.url) if _is_outside(one.url) else None)
        page.goto(path.as_uri())
        return page

    return open_page


def _is_outside(url: str) -> bool:
    return not url.startswith(("file:", "data:", "blob:"))


@pytest.fixture(scope="package")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of screenshots."""
    named = os.environ.get("VOLSEG_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def snap(pictures: Path, request: pytest.FixtureRequest) -> Callable[..., np.ndarray[Any, Any]]:
    """Keeps a picture of an element, or a page, and gives its pixels, uint8 (H, W, 3)."""

    def snap(place: Any, name: str, **settings: Any) -> np.ndarray[Any, Any]:
        test = re.sub(r"\W+", "-", f"{request.path.stem}-{request.node.name}").replace("test_", "")
        path = pictures / f"{test.strip('-')}-{name}.png"
        shot = place.screenshot(path=path, **settings)
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))

    return snap


def save_volume(path: Path, array: np.ndarray[Any, Any]) -> Path:
    """Slices twice as thick as their pixels are wide."""
    nib.save(nib.Nifti1Image(array, np.diag([1.0, 1, 2, 1])), path)  # type: ignore[no-untyped-call]
    return path


@pytest.fixture(scope="package")
def volume_page(tmp_path_factory: pytest.TempPathFactory, open_page: Callable[..., Any]) -> Any:
    """Two cases: an organ and a vessel, predicted well but for two boxes; and nothing predicted."""
    folder = tmp_path_factory.mktemp("volumes")
    truth = np.zeros(GRID, np.uint8)
    truth[4:14, 4:16, 4:12], truth[16:20, 6:10, 2:14] = 1, 2
    wrong = truth.copy()
    wrong[5:9, 12:15, 8:11] = 2  # organ taken for vessel
    wrong[20:23, 15:18, 2:4] = 1  # background taken for organ
    image = save_volume(folder / "image.nii", np.where(truth > 0, 150, 50).astype(np.int16))
    cases = []
    for name, guess in (("boxes", wrong), ("empty", np.zeros_like(truth))):
        files = (
            save_volume(folder / f"{name}_{kind}.nii", array)
            for kind, array in (("p", guess), ("t", truth))
        )
        cases.append(VolumeCase(VolumePair(name, *files), (image,)))
    scores = score_cases([one.pair for one in cases], LABELS)
    path = folder / "report.html"
    path.write_bytes(build_page(Subject("guess", "truth"), *report_volumes(cases, scores, LABELS)))
    return open_page(path)


@pytest.fixture(scope="package")
def cloud_page(tmp_path_factory: pytest.TempPathFactory, open_page: Callable[..., Any]) -> Any:
    """A plane with a box on it, half of which is taken for ground; and another tile beside it."""
    random = np.random.default_rng(0)
    cases = []
    for number in range(2):
        plane = random.uniform((0, 0, 0), (30, 20, 0.05), (1500, 3))
        box = random.uniform((10, 6, 0), (18, 14, 6), (1500, 3))
        truth = np.repeat((0, 1), 1500)
        predicted = np.concatenate((truth[:1500], (box[:, 0] > 14 - number).astype(np.int64)))
        xyz = np.concatenate((plane, box)) + (500_000 + 30 * number, 5_000_000, 100)
        cases.append(ScanCase(f"tile {number}", xyz, truth, predicted))
    path = tmp_path_factory.mktemp("clouds") / "report.html"
    path.write_bytes(build_page(Subject("run", "tiles"), *report_scans(cases, GROUND, 2)))
    return open_page(path)


@pytest.fixture(scope="package")
def share() -> Callable[..., float]:
    """The share of pixels that have a colour, ``#RRGGBB``."""

    def share(pixels: np.ndarray[Any, Any], colour: str, near: int = 6) -> float:
        wanted = np.frombuffer(bytes.fromhex(colour[1:]), np.uint8).astype(np.int64)
        return float((np.abs(pixels - wanted) <= near).all(axis=-1).mean())

    return share
