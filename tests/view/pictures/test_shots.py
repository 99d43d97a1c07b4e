"""Pictures of whole scenes: their size, two that match, a turn that closes."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from volseg.errors import InputError
from volseg.geometry import LabelClass, LabelMap, PointCloud
from volseg.geometry.volume import Volume
from volseg.view.pictures.shots import side_by_side, take_picture, turntable
from volseg.view.scans.scene import ScanScene
from volseg.view.scene import Look
from volseg.view.volumes.aligned import AlignedVolumes
from volseg.view.volumes.scene import VolumeScene

SIZE = (260, 220)
PANEL = (240, 200)
LABELS = LabelMap((LabelClass("west", (1,), "#C81E1E"), LabelClass("east", (2,), "#1E1EC8")))
TRUTH = np.repeat([1, 2], 3000)
LOOK = Look("class")
needs_drawing = pytest.mark.usefixtures("drawing")


def scene(guess: NDArray[np.int64] = TRUTH, truth: NDArray[np.int64] | None = TRUTH) -> ScanScene:
    """Two boxes, 1 in the west and 2 in the east."""
    xyz = np.random.default_rng(0).random((6000, 3)) * 8
    xyz[3000:] += (14, 0, 0)
    return ScanScene("boxes", PointCloud(xyz, {}, guess), truth=truth, labels=LABELS, most=10**6)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Panels that are drawn at once."""
    monkeypatch.setattr(import_module("volseg.view.pictures.shots"), "PANEL", PANEL)


def halves(image: Image.Image) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Both pictures, between the titles above and the legends below."""
    both = np.asarray(image)[60 : PANEL[1]]
    return both[:, : PANEL[0]], both[:, PANEL[0] :]


@needs_drawing
def test_a_picture_has_the_size_asked_for_and_is_seen_from_where_it_is_best() -> None:
    image = take_picture(scene(), LOOK, size=SIZE)
    assert image.size == SIZE
    assert image.tobytes() == take_picture(scene(), LOOK, scene().view, SIZE).tobytes()
    assert image.tobytes() != take_picture(scene(), LOOK, "top", SIZE).tobytes()


@needs_drawing
def test_what_is_hidden_leaves_the_rest_where_it_was() -> None:
    room = (slice(30, None), slice(0, 150))
    both, west = (
        np.asarray(take_picture(scene(), replace(LOOK, hidden=hidden), size=SIZE))[room]
        for hidden in (frozenset(), frozenset({1}))
    )
    hue = west[(west != 255).any(axis=2)].astype(int)
    assert (hue[:, 0] > hue[:, 2]).all()
    assert ((both != 255).any(axis=2) >= (west != 255).any(axis=2)).all()
    assert (both != west).any()


def test_too_small_a_picture_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(InputError, match="100 x 90 pixels"):
        take_picture(scene(), LOOK, size=(100, 90))
    with pytest.raises(InputError, match="100 x 90 pixels"):
        next(turntable(scene(), LOOK, 4, (100, 90)))


@needs_drawing
@pytest.mark.usefixtures("small")
def test_prediction_and_truth_differ_where_the_prediction_is_wrong_and_nowhere_else() -> None:
    left, right = halves(side_by_side(scene(), LOOK))
    assert (left == right).all()
    wrong = np.where(np.arange(6000) < 5000, TRUTH, 1)
    left, right = halves(side_by_side(scene(wrong), LOOK))
    assert ((left == 255).all(axis=2) == (right == 255).all(axis=2)).all()
    differs = (left != right).any(axis=2)
    assert differs.sum() > 50
    was, wanted = left[differs].astype(int), right[differs].astype(int)
    assert (was[:, 0] >= wanted[:, 0]).all()  # red where it ought to be blue
    assert (was[:, 2] <= wanted[:, 2]).all()


@needs_drawing
@pytest.mark.usefixtures("small")
def test_a_legend_of_both_pictures_stands_there_once() -> None:
    shared, apart = (side_by_side(scene(), replace(LOOK, mode=mode)) for mode in ("class", "error"))
    assert shared.width == apart.width == 2 * PANEL[0]
    assert PANEL[1] < shared.height < apart.height


@needs_drawing
@pytest.mark.usefixtures("small")
def test_without_a_truth_nothing_stands_beside() -> None:
    with pytest.raises(InputError, match="truth"):
        side_by_side(scene(truth=None), LOOK)


@needs_drawing
def test_a_turn_in_more_steps_holds_the_one_in_fewer() -> None:
    few, many = (list(turntable(scene(), LOOK, count, SIZE)) for count in (2, 4))
    assert (len(few), len(many)) == (2, 4)
    assert {image.size for image in many} == {SIZE}
    assert [image.tobytes() for image in few] == [image.tobytes() for image in many[::2]]
    assert len({image.tobytes() for image in many}) == 4


@needs_drawing
def test_half_a_turn_swaps_left_and_right() -> None:
    sides = []
    for image in turntable(scene(), LOOK, 2, SIZE):
        shown = np.asarray(image)[30:, :150].astype(int)
        columns = [
            np.nonzero(shown[..., one] > shown[..., other] + 60)[1].mean()
            for one, other in ((0, 2), (2, 0))
        ]
        sides.append(columns[0] < columns[1])
    assert sides == [True, False]


@needs_drawing
def test_a_turn_shows_only_the_lying_slice_of_a_volume() -> None:
    labels = np.zeros((12, 10, 8), np.int16)
    labels[3:9, 2:8, 2:6] = 1
    case = AlignedVolumes("volume", labels=Volume(labels[None], np.eye(4)))
    films = [
        [image.tobytes() for image in turntable(VolumeScene(case), look, 2, SIZE)]
        for look in (LOOK, replace(LOOK, slices="lying"), replace(LOOK, slices="none"))
    ]
    assert films[0] == films[1] == films[2]
