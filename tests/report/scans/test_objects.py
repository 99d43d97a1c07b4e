"""Objects of scans: colours and fates of points, and pictures of the worst."""

from __future__ import annotations

from typing import Any

import numpy as np

from volseg.geometry.colours import rgb
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.report.objects import TRUE, ObjectTally
from volseg.report.scans.case import ScanCase
from volseg.report.scans.objects import ScanCaseObjects, draw_object, object_mask
from volseg.report.scans.results import report_scans

LABELS = LabelMap(
    (LabelClass("ground", (2,), "#B8A07E"), LabelClass("box", (6,), "#C8553D", thing=True))
)


def boxes() -> ScanCase:
    """Three boxes of which one is missed, one is two, and one is right."""
    random = np.random.default_rng(0)
    ids = np.repeat([0, 5, 6, 7], (300, 100, 120, 90))
    corners = np.array([[0, 0, -3], [5, 0, 0], [10, 0, 0], [15, 0, 0]])
    xyz = random.uniform(0, 2, (len(ids), 3)) + np.repeat(corners, (300, 100, 120, 90), axis=0)
    guesses = np.where(ids == 5, 0, ids)
    guesses[np.flatnonzero(ids == 6)[::2]] = 8
    truth, predicted = (ids > 0).astype(np.int64), (guesses > 0).astype(np.int64)
    return ScanCase("boxes", xyz, truth, predicted, ids=(ids, guesses))


def test_points_know_what_became_of_their_object() -> None:
    case = boxes()
    results, _ = report_scans([case], LABELS, 1, objects=True)
    assert results.objects is not None
    assert results.objects.things[0].errors == {"missed": 1, "false": 0, "split": 1, "merged": 0}
    missed, split = (results.objects.worst[kind][0].error for kind in ("missed", "split"))
    assert (missed.id, missed.cells, split.id, split.cells) == (5, 100, 6, 120)
    assert np.array_equal(object_mask(case, missed), case.ids[0] == 5)
    pixels = np.asarray(draw_object(case, missed)).reshape(-1, 3).astype(int)
    assert (np.abs(pixels - rgb(TRUE)).sum(axis=1) < 30).any()


def test_a_section_has_them(reader: Any) -> None:
    _, (section,) = report_scans([boxes()], LABELS, 1, objects=True)
    page = reader(section.body)
    (data,) = page.data()
    assert [spot["text"] for spot in data["spots"]] == ["split: box", "missed: box"]
    assert data["spots"][1]["centre"][0] > 4
    assert data["objects"]["kinds"] == ["missed", "false", "split", "merged"]


def test_colours_tell_objects_apart() -> None:
    case = boxes()
    tally = ObjectTally(LABELS)
    tally.add("a", "a", *case.sides, lambda error: draw_object(case, error))
    objects = ScanCaseObjects(case, tally.evaluation.matching("a"), LABELS)
    for colours, ids in zip(objects.colours, case.ids, strict=True):
        assert np.array_equal(colours == 0, ids == 0)
        pairs = set(zip(ids.tolist(), colours.tolist(), strict=True))
        assert len({colour for _, colour in pairs}) == len(pairs) == len(np.unique(ids))
    assert set(np.unique(objects.fates[case.ids[0] == 5])) == {1}
    assert set(np.unique(objects.fates[case.ids[0] == 6])) == {3}
    assert not objects.fates[case.ids[0] == 7].any()
