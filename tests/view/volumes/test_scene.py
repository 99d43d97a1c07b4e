"""Volumes as scenes: surfaces in world millimetres, slices, errors, what a click tells."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.geometry import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.view.colours import CORRECT, WRONG
from volseg.view.pictures.shots import take_picture
from volseg.view.scene import Look, Mesh
from volseg.view.spots import Spot
from volseg.view.volumes.aligned import AlignedVolumes
from volseg.view.volumes.scene import VolumeScene

RED, BLUE = (200, 30, 30), (30, 30, 200)
LABELS = LabelMap(
    (
        LabelClass("background", (0,), "#000000"),
        LabelClass("left", (3,), "#C81E1E"),
        LabelClass("right", (7, 8), "#1E1EC8"),
    ),
    ignore=(99,),
)
# Stored towards the left, anterior and down, one axis twice as coarse.
AFFINE = np.array([[-1, 0, 0, 40], [0, 2, 0, -30], [0, 0, -1, 60], [0, 0, 0, 1.0]])
GRID = (40, 20, 30)


def truth() -> NDArray[np.int16]:
    """A box of the class left at high first indices, which lie on the left, one of right."""
    array = np.zeros(GRID, dtype=np.int16)
    array[26:34, 6:14, 8:20] = 3
    array[6:14, 6:14, 8:20] = 7
    return array


def guess() -> NDArray[np.int16]:
    array = truth()
    array[26:34, 6:14, 8:11] = 0  # a slab is missed
    array[6:8, 6:8, 8:10] = 3  # a few voxels of another class
    array[6:14, 6:14, 15:20] = 8  # another id of the same class
    return array


def volume(array: NDArray[np.generic], affine: NDArray[np.float64] = AFFINE) -> Volume:
    return Volume(array[None], affine)


def scene(**more: Volume) -> VolumeScene:
    given = {"labels": volume(guess()), "truth": volume(truth())} | more
    return VolumeScene(AlignedVolumes("case", classes=LABELS, **given))  # type: ignore[arg-type]


def surfaces(scene: VolumeScene, look: Look) -> list[Mesh]:
    parts = scene.parts(Look(look.mode, look.hidden, look.focus, slices="none"))
    return [part for part in parts if isinstance(part, Mesh) and len(part.xyz)]


@pytest.mark.usefixtures("drawing")
def test_surfaces_lie_in_world_millimetres() -> None:
    left, right = surfaces(scene(), Look("truth"))
    corner = [
        AFFINE[:3, :3] @ index + AFFINE[:3, 3] for index in ((25.5, 5.5, 7.5), (33.5, 13.5, 19.5))
    ]
    assert np.allclose(left.xyz.min(axis=0), np.min(corner, axis=0), atol=0.6)
    assert np.allclose(left.xyz.max(axis=0), np.max(corner, axis=0), atol=0.6)
    assert left.xyz[:, 0].max() < right.xyz[:, 0].min()
    assert (left.colours[:, 0] > left.colours[:, 2]).all()
    assert (right.colours[:, 2] > right.colours[:, 0]).all()


@pytest.mark.usefixtures("drawing")
def test_hidden_classes_have_no_surface_and_no_tint() -> None:
    whole = scene()
    (right,) = surfaces(whole, Look("class", frozenset({0})))
    assert (right.colours[:, 2] > right.colours[:, 0]).all()
    *slices, _ = whole.parts(Look("class", frozenset({0, 1})))
    assert len(slices) == 3
    assert len(np.unique(np.vstack([one.colours for one in slices]), axis=0)) == 1


@pytest.mark.usefixtures("drawing")
def test_errors_are_red_and_what_is_right_is_grey() -> None:
    right, wrong = surfaces(scene(), Look("error"))
    for mesh, colour in ((right, CORRECT), (wrong, WRONG)):
        shares = mesh.colours / mesh.colours.max(axis=1, keepdims=True)
        assert np.allclose(shares, np.array(colour) / max(colour), atol=0.03)
    assert wrong.xyz[:, 2].min() > 60 - 11.1  # the slab of low indices, which lies high


def test_wrong_voxels_are_counted_by_class_and_clustered() -> None:
    whole = scene()
    first, second = whole.spots
    assert (first.count, second.count) == (8 * 8 * 3, 2 * 2 * 2)
    index = np.linalg.solve(AFFINE, [*first.centre, 1])[:3]
    assert (np.rint(index) >= (26, 6, 8)).all()
    assert (np.rint(index) <= (33, 13, 10)).all()
    assert first.sides == pytest.approx((8, 16, 3))
    labelled = 2 * 8 * 8 * 12
    assert f"({100 * 200 / labelled:.1f} %" in whole.legend(Look("error")).entries[1].name


def test_truth_that_is_ignored_is_nowhere_wrong() -> None:
    array = truth()
    array[26:34, 6:14, 8:11] = 99
    assert sum(spot.count for spot in scene(truth=volume(array)).spots) == 8
    assert [entry.name for entry in scene(truth=volume(array)).classes] == ["left", "right"]


def test_a_voxel_tells_its_index_in_the_file_and_both_classes() -> None:
    image = np.arange(np.prod(GRID), dtype=np.float32).reshape(GRID)
    told = scene(image=volume(image)).describe(
        AFFINE[:3, :3] @ (30.2, 9, 9) + AFFINE[:3, 3], Look("class")
    )
    lines = told.splitlines()
    assert lines[0] == "voxel 30, 9, 9"
    assert lines[1] == "right 10.00  anterior -12.00  superior 51.00 mm"
    assert lines[2:4] == ["class 0: background", "truth 3: left (wrong)"]
    assert lines[4] == f"intensity {image[30, 9, 9]:g}"


@pytest.mark.usefixtures("drawing")
def test_slices_go_through_what_is_looked_at() -> None:
    place = AFFINE[:3, :3] @ (29, 10, 12) + AFFINE[:3, 3]
    look = Look("class", focus=Spot(1, place, np.ones(3)))
    for axis, one in enumerate(scene().parts(look)[:3]):
        assert np.ptp(one.xyz[:, axis]) < 1e-6
        assert one.xyz[0, axis] == pytest.approx(place[axis])


@pytest.mark.usefixtures("drawing")
def test_slices_show_the_image_tinted_with_classes() -> None:
    image = np.full(GRID, 50, dtype=np.float32)
    image[::2] = 100
    place = AFFINE[:3, :3] @ (30, 10, 12) + AFFINE[:3, 3]
    look = Look("class", focus=Spot(1, place, np.ones(3)))
    sagittal = scene(image=volume(image)).parts(look)[0]
    kinds = {tuple(one) for one in sagittal.colours.tolist()}
    assert (255, 255, 255) in kinds
    red = [one for one in kinds if one[0] > one[1] + 50]
    assert len(red) == 1
    *plain, _ = scene(image=volume(image)).parts(Look("intensity", focus=look.focus))
    assert len(plain) == 3
    assert all(r == g == b for r, g, b in np.vstack([one.colours for one in plain]).tolist())


@pytest.mark.usefixtures("drawing")
def test_left_stands_right_for_who_looks_a_person_in_the_face() -> None:
    image = np.asarray(take_picture(scene(), Look("truth"), size=(500, 400))).astype(float)
    image = image[:, :330]  # without the legend
    hue = image / np.maximum(image.max(axis=2, keepdims=True), 1)
    places = []
    for colour in (RED, BLUE):
        near = (np.abs(hue - np.array(colour) / 200) < 0.08).all(axis=2)
        assert near.sum() > 100
        places.append(np.nonzero(near)[1].mean())
    assert places[0] > places[1]


@pytest.mark.usefixtures("drawing")
@pytest.mark.parametrize(
    "labels",
    [np.zeros((9, 8, 7), np.uint8), np.ones((9, 8, 7), np.uint8), np.zeros((1, 1, 1), np.uint8)],
    ids=["empty", "full", "one voxel"],
)
def test_odd_label_maps_are_drawn(labels: NDArray[np.uint8]) -> None:
    case = AlignedVolumes("odd", labels=volume(labels, np.eye(4)), truth=volume(labels, np.eye(4)))
    shown = VolumeScene(case)
    for mode in shown.modes:
        image = np.asarray(take_picture(shown, Look(mode), size=(300, 240)))
        assert len(np.unique(image.reshape(-1, 3), axis=0)) > 3
