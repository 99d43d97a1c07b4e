"""The map of a report: drawn where places mean something, in the colours of scores."""

from __future__ import annotations

from dataclasses import replace

import pyproj
import pytest

from volseg.io.scans.extent import ScanExtent
from volseg.report.charts.map import map_chart
from volseg.report.results import CaseResult

HERE = CaseResult("here", "case-1", (0.5,), 0.5, 9, 1, ScanExtent("", (0, 0), (10, 10)))
THERE = replace(HERE, name="<there>", anchor="case-2", extent=ScanExtent("", (100, 0), (110, 10)))


def in_system(case: CaseResult, code: int) -> CaseResult:
    assert case.extent is not None
    return replace(case, extent=replace(case.extent, crs=pyproj.CRS(code).to_wkt("WKT2_2019")))


def test_two_places_make_a_map() -> None:
    chart = map_chart([HERE, THERE])
    assert chart is not None
    boxes = chart.figure["data"][:2]
    assert [box["meta"] for box in boxes] == ["case-1", "case-2"]
    assert [min(box["x"]) for box in boxes] == [0, 100]
    assert boxes[1]["name"] == "&lt;there&gt;"


@pytest.mark.parametrize(
    "cases",
    [
        [HERE],
        [HERE, replace(THERE, extent=HERE.extent)],
        [HERE, replace(THERE, extent=None)],
        [in_system(HERE, 2154), THERE],
        [in_system(HERE, 2154), in_system(THERE, 25832)],
    ],
    ids=["one", "one place", "one placed", "one without a system", "two systems"],
)
def test_nothing_is_drawn_where_places_say_nothing(cases: list[CaseResult]) -> None:
    assert map_chart(cases) is None


def test_scores_have_colours_of_their_own() -> None:
    shades = set()
    for score in (0.0, 0.5, 1.0, float("nan")):
        chart = map_chart([replace(HERE, mean_iou=score), THERE])
        assert chart is not None
        shades.add(chart.figure["data"][0]["fillcolor"])
    assert len(shades) == 4
