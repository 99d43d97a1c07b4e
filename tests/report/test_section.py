"""Sections of a page: what is filled in is text, and what they share is embedded once."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from volseg.geometry.labels import LabelMap
from volseg.report.page import Subject, build_page
from volseg.report.scans.case import ScanCase
from volseg.report.scans.results import report_scans
from volseg.report.section import Asset, CaseSection, asset

Cases = Callable[..., ScanCase]


def test_scripts_that_scenes_share_come_once(cloud_case: Cases, labels: LabelMap) -> None:
    results, _ = report_scans([cloud_case()], labels, 1)
    shared = (
        Asset("own.js", "script", "const end = '</script>';"),
        Asset("own.css", "style", "i{}"),
    )
    sections = [
        CaseSection(f"case-{k}", f"scene {k}", Markup("<b>body</b>"), shared) for k in (1, 2)
    ]
    page = build_page(Subject("a", "b"), results, sections).decode()
    assert page.count("<\\/script>';") == 1
    assert page.count("i{}") == 1
    assert page.count("<b>body</b>") == 2


def test_scripts_and_styles_are_told_apart_by_their_names() -> None:
    assert (asset("cloud.js").kind, asset("cloud.css").kind) == ("script", "style")
    assert asset("cloud.js") is asset("cloud.js")
