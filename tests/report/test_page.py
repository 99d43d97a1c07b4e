"""The page: whole in one file, escaped, the same figures for all who read it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from volseg.geometry.labels import IGNORE, LabelClass, LabelMap
from volseg.report.page import Subject, build_page
from volseg.report.scans.case import ScanCase
from volseg.report.scans.results import report_scans
from volseg.view.charts.history import History

Cases = Callable[..., ScanCase]
EVIL = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"


def made(cases: list[ScanCase], labels: LabelMap, **told: Any) -> str:
    subject = Subject(told.pop("what", "run"), told.pop("data", "tiles"), **told)
    return build_page(subject, *report_scans(cases, labels, len(cases))).decode()


@pytest.fixture(scope="module")
def page(cloud_case: Cases, labels: LabelMap) -> str:
    cases = [cloud_case("good", wrong=0.05), cloud_case("bad", wrong=0.5, seed=1)]
    curves = History("run", (1, 2), (1, 2), (2, 1), (0, 0), "IoU", (0.1, 0.2), {"box": (0.1, 0.2)})
    return made(cases, labels, curves=(curves,), notes=("One has none.",))


def test_the_first_line_says_what_on_what_and_how_good(page: str, reader: Any) -> None:
    words = reader(page).words()
    assert re.search(r"run on tiles: mean IoU 0\.\d{3} 600 points of 2 scans, 2 classes", words)
    assert "Show the worst scan: bad" in words


def test_it_needs_no_other_file(page: str, reader: Any) -> None:
    read = reader(page)
    for tag, attrs in read.tags:
        assert tag != "link"
        for name in ("src", "href"):
            place = attrs.get(name)
            assert place is None or place.startswith(("data:", "#")), place


def test_links_and_labels_lead_to_what_is_there(page: str, reader: Any) -> None:
    read = reader(page)
    ids = [attrs["id"] for _, attrs in read.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for attrs in read.all("a"):
        assert attrs["href"][1:] in ids
    for _, attrs in read.tags:
        for one in (attrs.get("aria-labelledby") or "").split():
            assert one in ids
    assert all("scope" in attrs for attrs in read.all("th"))
    assert all(attrs.get("alt") for attrs in read.all("img"))
    assert all(attrs["aria-label"] for attrs in read.all("div") if attrs.get("role") == "img")


def test_its_policy_allows_its_own_scripts_alone(page: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    assert len(scripts) == 3
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"&#39;sha256-{digest}&#39;" in policy[1]
    assert "unsafe-inline" not in policy[1].split("style-src")[0]


def test_names_from_files_are_text(cloud_case: Cases, reader: Any) -> None:
    labels = LabelMap((LabelClass(EVIL, (0,), "#123456"), LabelClass("b", (1,), "#654321")))
    curves = History("run", (1,), (1,), (2,), (0,), "IoU", (0.1,), {EVIL: (0.1,)})
    cases = [cloud_case(EVIL), replace(cloud_case(EVIL + "2"), xyz=np.eye(3)[[0] * 300])]
    page = made(cases, labels, what=EVIL, data=EVIL, notes=(EVIL,), curves=(curves,))
    read = reader(page)
    assert EVIL not in page
    assert not [attrs for attrs in read.all("img") if attrs.get("src") == "x"]
    assert len(read.all("script")) - len(read.data()) == 3
    assert EVIL in "".join(read.texts)
    for figure in read.data():
        if "layout" in figure:  # plotly shows some HTML
            assert "<img" not in str(figure)
            assert "<script" not in str(figure)


def test_ten_tiles_stay_under_twenty_megabytes(cloud_case: Cases, labels: LabelMap) -> None:
    results, (scene,) = report_scans([cloud_case(count=80_000)], labels, 10)
    page = build_page(Subject("a", "b"), results, [scene])
    assert len(scene.body) > 0.9e6  # all the room a scene may take
    assert len(page) + 9 * len(scene.body) < 20e6


def test_truth_that_is_unknown_is_said(cloud_case: Cases, labels: LabelMap, reader: Any) -> None:
    case = replace(cloud_case(), truth=np.full(300, IGNORE))
    words = reader(made([case], labels)).words()
    assert "mean IoU - 0 points of 1 scan" in words
    assert "No point has a known truth" in words


def test_all_right_is_said(cloud_case: Cases, labels: LabelMap, reader: Any) -> None:
    assert "Nothing is wrong." in reader(made([cloud_case(wrong=0.0)], labels)).words()


def test_labels_without_places_have_figures(
    cloud_case: Cases, labels: LabelMap, reader: Any
) -> None:
    read = reader(made([replace(cloud_case(), xyz=None, confidence=None)], labels))
    assert "Scenes" not in read.words()
    assert "do not tell how sure they are" in read.words()
