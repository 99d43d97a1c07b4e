"""Clouds: what the script gets is where the points are, and what they were taken for."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from volseg.geometry.labels import IGNORE, LabelClass, LabelMap
from volseg.report.scans.case import ScanCase
from volseg.report.scans.section import scan_section
from volseg.report.section import data_uri

Cases = Callable[..., ScanCase]


def unpack(data: dict[str, Any], name: str, kind: str) -> Any:
    return np.frombuffer(base64.b64decode(data[name]), kind)


def test_places_come_within_half_a_step(cloud_case: Cases, labels: LabelMap, reader: Any) -> None:
    case = cloud_case()
    assert case.xyz is not None
    (data,) = reader(scan_section(case, labels, "case-1", 1000).body).data()
    places = unpack(data, "xyz", "<u2").reshape(-1, 3) * data["step"] + data["origin"]
    assert np.abs(places - case.xyz).max() <= data["step"] / 2 * 1.001
    assert data["step"] < 1e-3
    assert (unpack(data, "truth", "u1") == case.truth + 1).all()
    assert (unpack(data, "predicted", "u1") == case.predicted + 1).all()
    assert case.confidence is not None
    assert np.abs(unpack(data, "confidence", "u1") - 100 * case.confidence).max() <= 0.51


def test_outliers_far_away_are_left_out_and_counted(labels: LabelMap, reader: Any) -> None:
    plane = np.random.default_rng(0).uniform(0, (60, 60, 5), (6000, 3)) + (4e5, 5e6, 0)
    xyz = np.concatenate([plane, np.zeros((70, 3))])
    truth = np.zeros(len(xyz), np.int64)
    wrong = (np.arange(len(xyz)) >= 5990).astype(np.int64)
    scene = scan_section(ScanCase("a", xyz, truth, wrong), labels, "case-1", 10_000)
    (data,) = reader(scene.body).data()
    assert len(unpack(data, "xyz", "<u2")) == 3 * 6000
    assert data["step"] < 1e-3
    assert all(
        np.linalg.norm(np.subtract(spot["centre"], plane[0])) < 100 for spot in data["spots"]
    )
    assert "80 of 6,070 labelled points are wrong" in scene.body
    assert "70 points so far away" in scene.body
    assert "points are drawn" not in scene.body


def test_hundreds_of_classes_take_two_bytes(cloud_case: Cases, reader: Any) -> None:
    many = LabelMap(tuple(LabelClass(f"c{k}", (k,), "#123456") for k in range(300)))
    case = replace(cloud_case(), truth=np.arange(300), predicted=np.arange(300)[::-1])
    (data,) = reader(scan_section(case, many, "case-1", 1000).body).data()
    assert data["wide"]
    assert (unpack(data, "truth", "<u2") == np.arange(1, 301)).all()


@pytest.mark.parametrize("truth", [0, 1, IGNORE])
def test_one_point_makes_a_scene(labels: LabelMap, reader: Any, truth: int) -> None:
    case = ScanCase("dot", np.array([[1.0, 2.0, 3.0]]), np.array([truth]), np.array([0]))
    scene = scan_section(case, labels, "case-1", 1000)
    (data,) = reader(scene.body).data()
    assert (data["origin"], data["confidence"]) == ([1.0, 2.0, 3.0], None)
    assert all(np.isfinite(list(data["cameras"]["wide"]["eye"].values())))
    assert len(data["spots"]) == (truth == 1)


def test_the_worst_place_is_where_most_points_are_wrong(labels: LabelMap, reader: Any) -> None:
    random = np.random.default_rng(0)
    plane = random.uniform(0, (60, 60, 0.1), (6000, 3))
    truth = np.zeros(len(plane), np.int64)
    near = np.linalg.norm(plane - (45, 15, 0), axis=1) < 6
    case = ScanCase("plane", plane, truth, near.astype(np.int64))
    scene = scan_section(case, labels, "case-1", 1000)
    (data,) = reader(scene.body).data()
    worst = data["spots"][0]
    assert worst["points"] > 0.9 * near.sum()
    assert worst["text"] == "mostly ground taken for box"
    assert np.allclose(worst["centre"][:2], (45, 15), atol=1.5)


def test_every_class_and_mode_has_a_button(
    cloud_case: Cases, labels: LabelMap, reader: Any
) -> None:
    buttons = reader(scan_section(cloud_case(), labels, "case-1", 1000).body).all("button")
    assert all(one["type"] == "button" for one in buttons)
    modes = {one["data-mode"]: one["aria-pressed"] for one in buttons if "data-mode" in one}
    assert modes == {"error": "true", "truth": "false", "predicted": "false"}
    assert [one["data-class"] for one in buttons if "data-class" in one] == ["1", "2"]


def test_pictures_show_errors_truth_and_prediction(
    cloud_case: Cases, labels: LabelMap, reader: Any
) -> None:
    images = reader(scan_section(cloud_case(), labels, "case-1", 1000).body).all("img")
    words = [one["alt"].split()[0] for one in images]
    assert words == ["Errors", "Truth", "Prediction"]
    assert all(one["src"].startswith("data:image/png;base64,") for one in images)


def test_a_picture_keeps_its_few_colours_in_the_page() -> None:
    image = Image.new("RGB", (4, 4), (200, 0, 0))
    kept = Image.open(io.BytesIO(base64.b64decode(data_uri(image).split(",")[1])))
    assert (np.asarray(kept.convert("RGB")) == np.asarray(image)).all()
