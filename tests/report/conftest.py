"""Small clouds, and what a page says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.config import load_config
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.report.scans.case import ScanCase
from volseg.runs.train import train

Cases = Callable[..., ScanCase]
QUICK = ("train.steps=2", "train.epochs=1", "net.widths=[4, 8]", "data.folds=2")


@pytest.fixture(scope="session")
def labels() -> LabelMap:
    """Two classes."""
    return LabelMap((LabelClass("ground", (2,), "#B8A07E"), LabelClass("box", (6,), "#C8553D")))


@pytest.fixture(scope="session")
def cloud_case() -> Cases:
    """Makes a cloud of two classes, some points wrong, far from the origin."""

    def make(name: str = "tile", count: int = 300, wrong: float = 0.1, seed: int = 0) -> ScanCase:
        random = np.random.default_rng(seed)
        truth = random.integers(0, 2, count)
        predicted = np.where(random.random(count) < wrong, 1 - truth, truth)
        xyz = random.uniform(0, (40, 30, 5), (count, 3)) + (500_000, 5_000_000, 100)
        sure = random.random(count).astype(np.float32)
        return ScanCase(name, xyz, truth, predicted, sure)

    return make


class Reader(HTMLParser):
    """Elements of a page: tag and attributes in order, and the text of each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        if self.texts:
            self.texts[-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a kind."""
        return [attrs for name, attrs in self.tags if name == tag]

    def data(self) -> list[Any]:
        """What the page's scripts are given."""
        pairs = zip(self.tags, self.texts, strict=True)
        return [
            json.loads(text)
            for (tag, attrs), text in pairs
            if tag == "script" and attrs.get("type") == "application/json"
        ]

    def words(self) -> str:
        """All text but scripts and styles, blanks folded."""
        pairs = zip(self.tags, self.texts, strict=True)
        shown = (text for (tag, _), text in pairs if tag not in ("script", "style"))
        return re.sub(r"\s+", " ", " ".join(shown))


@pytest.fixture(scope="session")
def reader() -> type[Reader]:
    """The class that reads a page."""
    return Reader


@pytest.fixture(scope="session")
def folds(tmp_path_factory: pytest.TempPathFactory, balls: Path, balls_file: Path) -> Path:
    """A run of two folds over balls; read only."""
    run = tmp_path_factory.mktemp("runs") / "balls"
    config = load_config(balls_file, QUICK)
    train(config, balls, run, folds=(0, 1), device="cpu")
    return run
