"""Scans as scenes: what is drawn, hidden, wrong, and told about a point."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry import LabelClass, LabelMap, PointCloud
from volseg.view.classes import IGNORED
from volseg.view.colours import CORRECT, WRONG
from volseg.view.scans.scene import ScanScene
from volseg.view.scene import Look, Points

LABELS = LabelMap(
    (LabelClass("ground", (2, 11), "#102030"), LabelClass("tree", (5,), "#40FF60")), ignore=(0,)
)
XYZ = np.arange(18.0).reshape(6, 3) + 5e6
GUESS = np.array([2, 5, 5, 2, 2, 5])
TRUTH = np.array([11, 5, 2, 5, 0, 5])


def scene(truth: NDArray[np.int64] | None = TRUTH, most: int = 100, **more: object) -> ScanScene:
    cloud = PointCloud(XYZ, {"intensity": np.arange(6, dtype=np.uint16)}, GUESS)
    given = {"labels": LABELS} | more
    return ScanScene("a.laz", cloud, truth=truth, most=most, **given)  # type: ignore[arg-type]


def drawn(scene: ScanScene, look: Look) -> Points:
    (part,) = scene.parts(look)
    assert isinstance(part, Points)
    return part


def test_modes_offer_what_there_is() -> None:
    assert scene().modes == ("class", "truth", "error", "height", "intensity")
    assert scene(truth=None).modes == ("class", "height", "intensity")


def test_prediction_truth_and_errors_have_their_colours() -> None:
    ground, tree = (16, 32, 48), (64, 255, 96)
    wanted = {
        "class": [ground, tree, tree, ground, ground, tree],
        "truth": [ground, tree, ground, tree, IGNORED, tree],
        "error": [CORRECT, CORRECT, WRONG, WRONG, IGNORED, CORRECT],
    }
    for mode, colours in wanted.items():
        part = drawn(scene(), Look(mode))
        assert [tuple(one) for one in part.colours.tolist()] == colours
        assert (part.xyz == XYZ).all()
    assert scene().wrong.tolist() == [False, False, True, True, False, False]
    assert "40.0 %" in scene().legend(Look("error")).entries[1].name


@pytest.mark.parametrize(
    ("mode", "left"), [("class", [0, 3, 4]), ("truth", [0, 2, 4]), ("error", [0, 3, 4])]
)
def test_a_hidden_class_is_hidden_by_what_is_shown(mode: str, left: list[int]) -> None:
    assert (drawn(scene(), Look(mode, frozenset({1}))).xyz == XYZ[left]).all()


def test_hiding_without_labels_hides_nothing() -> None:
    cloud = PointCloud(XYZ)
    bare = ScanScene("a", cloud, most=100)
    assert bare.classes == ()
    assert len(drawn(bare, Look("height", frozenset({0}))).xyz) == 6


def test_a_point_tells_everything() -> None:
    text = scene().describe(XYZ[3] + 0.2, Look("class"))
    assert text.splitlines() == [
        "point 4 of 6",
        "x 5,000,009.000  y 5,000,010.000  z 5,000,011.000",
        "class 2: ground",
        "truth 5: tree (wrong)",
        "intensity 3",
    ]


def test_confidence_is_told_and_floats_without_noise() -> None:
    cloud = PointCloud(XYZ, {"time": np.full(6, 0.1)}, GUESS, np.full(6, 0.75, np.float32))
    text = ScanScene("a", cloud, most=9).describe(XYZ[0], Look("class"))
    assert "confidence 0.750" in text
    assert "time 0.1" in text.splitlines()


def test_hidden_points_are_not_told_about() -> None:
    hidden = Look("class", frozenset({0}))
    assert "point 3 of 6" in scene().describe(XYZ[3], hidden)
    nothing = Look("class", frozenset({0, 1, 2}))
    assert scene().describe(XYZ[3], nothing) == "no point is shown"


def large(most: int) -> ScanScene:
    """A plane of 40,000 points, wrong in one small corner."""
    xyz = np.random.default_rng(0).random((40_000, 3)) * (100, 100, 0)
    truth = np.zeros(40_000, dtype=np.int64)
    guess = ((xyz[:, 0] < 4) & (xyz[:, 1] < 4)).astype(np.int64)
    return ScanScene("b", PointCloud(xyz, {}, guess), truth=truth, most=most)


def test_thinning_is_said_in_the_title() -> None:
    assert large(10**6).title == "b: 40,000 points"
    assert large(5000).title == "b: 5,000 of 40,000 points drawn"


def test_the_worst_spot_is_found_among_all_points_and_drawn_closely() -> None:
    scene = large(2000)
    (spot,) = scene.spots
    assert spot.count == scene.wrong.sum()
    whole, close = (drawn(scene, Look("error", focus=one)).colours for one in (None, spot))
    assert len(close) <= 2000
    wrong = [(one == WRONG).all(axis=1).sum() for one in (whole, close)]
    assert wrong[0] < 10
    assert wrong[1] > 0.7 * spot.count


@pytest.mark.parametrize(
    ("cloud", "truth", "said"),
    [
        (PointCloud(np.zeros((0, 3))), None, "no points"),
        (PointCloud(XYZ), TRUTH, "no labels"),
        (PointCloud(XYZ, labels=GUESS), TRUTH[:4], "6 points and the truth 4"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    cloud: PointCloud, truth: NDArray[np.int64] | None, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        ScanScene("a", cloud, truth=truth, most=9)


def stray() -> ScanScene:
    """A wrong plane of 40,000 points, and 200 wrong ones that have no place but the origin."""
    xyz = np.random.default_rng(0).random((40_000, 3)) * (100, 100, 3) + (4e5, 5e6, 200)
    xyz = np.concatenate([np.zeros((200, 3)), xyz])
    truth = np.zeros(40_200, dtype=np.int64)
    guess = (np.arange(40_200) < 1000).astype(np.int64)
    return ScanScene("c", PointCloud(xyz, {}, guess), truth=truth, most=50_000)


def test_outliers_far_away_are_neither_framed_nor_drawn_but_counted() -> None:
    scene = stray()
    assert scene.title == "c: 40,200 points, 200 far points left out"
    assert np.ptp(scene.outline(), axis=0).max() < 101
    for mode in ("class", "error", "height"):
        assert len(drawn(scene, Look(mode)).xyz) == 40_000
    bar = scene.legend(Look("height")).bar
    assert bar is not None
    assert 200 <= bar.low < bar.high <= 203
    assert scene.wrong.sum() == 1000  # the score counts every point
    assert sum(spot.count for spot in scene.spots) <= 800


def test_a_scan_without_any_place_is_refused() -> None:
    with pytest.raises(InputError, match="finite"):
        ScanScene("a", PointCloud(np.full((3, 3), np.nan)), most=9)


def test_what_has_no_metres_is_shown_all_the_same() -> None:
    degrees = np.array([[9.0, 60.0, 0], [9.001, 60.001, 30], [9.0, 60.001, 0]])
    tile = PointCloud(degrees, metres_per_unit=None)
    np.testing.assert_allclose(np.ptp(tile.drawn(), axis=0), (55.6, 111.2, 30), atol=0.1)
    unknown = PointCloud(XYZ, metres_per_unit=None, crs_problem="its system is broken")
    np.testing.assert_array_equal(unknown.drawn(), XYZ)
    for cloud in (tile, unknown, PointCloud(XYZ[:1], metres_per_unit=None)):
        assert ScanScene("a.las", cloud, most=9).parts(Look("height"))
