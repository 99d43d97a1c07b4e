"""What every scene promises to those who draw it, and when two looks are one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from volseg.geometry import LabelClass, LabelMap, PointCloud
from volseg.geometry.volume import Volume
from volseg.view.scans.scene import ScanScene
from volseg.view.scene import Look, Mesh, Part, Scene
from volseg.view.spots import Spot
from volseg.view.volumes.aligned import AlignedVolumes
from volseg.view.volumes.scene import VolumeScene

LABELS = LabelMap((LabelClass("left", (1,), "#C81E1E"), LabelClass("right", (2,), "#1E1EC8")))
SPOT = Spot(1, np.zeros(3), np.ones(3))


def scan() -> Scene:
    random = np.random.default_rng(0)
    truth = np.repeat([1, 2], 300)
    guess = np.where(np.arange(600) % 7, truth, 1)
    xyz = random.random((600, 3)) * 9 + (5e5, 5e6, 100)
    cloud = PointCloud(xyz, {"intensity": random.integers(0, 99, 600)}, guess)
    return ScanScene("scan", cloud, truth=truth, labels=LABELS, most=10**6)


def volume() -> Scene:
    truth = np.zeros((12, 10, 8), np.int16)
    truth[2:5, 2:8, 2:6], truth[7:10, 2:8, 2:6] = 1, 2
    guess = np.where(np.indices(truth.shape)[2] > 4, 0, truth)
    labels, true = (Volume(array[None], np.diag([-1, 2, 1, 1.0])) for array in (guess, truth))
    return VolumeScene(AlignedVolumes("volume", labels=labels, truth=true))


@pytest.fixture(params=[scan, volume])
def scene(request: pytest.FixtureRequest) -> Scene:
    if request.param is volume:
        request.getfixturevalue("drawing")  # surfaces are made by Open3D
    made: Scene = request.param()
    return made


def drawn(scene: Scene, look: Look) -> list[Part]:
    return [part for part in scene.parts(look) if len(part.xyz)]


def test_whoever_frames_the_outline_frames_points_and_surfaces(scene: Scene) -> None:
    low, high = scene.outline().min(axis=0), scene.outline().max(axis=0)
    for mode in scene.modes:
        xyz = np.vstack([part.xyz for part in drawn(scene, Look(mode, slices="none"))])
        assert (xyz >= low - 1e-9).all()
        assert (xyz <= high + 1e-9).all()


def test_every_place_has_a_colour_and_every_triangle_three_places(scene: Scene) -> None:
    for mode in scene.modes:
        for part in drawn(scene, Look(mode)):
            assert part.colours.shape == part.xyz.shape
            assert part.colours.dtype == np.uint8
            if isinstance(part, Mesh):
                assert part.triangles.shape[1] == 3
                assert set(np.unique(part.triangles)) <= set(range(len(part.xyz)))


@pytest.mark.usefixtures("drawing")
def test_surfaces_have_the_names_of_entries_of_the_legend() -> None:
    scene = volume()
    for mode in scene.modes:
        look = Look(mode, slices="none")
        names = {part.name for part in drawn(scene, look) if isinstance(part, Mesh)}
        assert names == {entry.name for entry in scene.legend(look).entries}


def test_hiding_leaves_less_and_hiding_all_leaves_nothing(scene: Scene) -> None:
    numbers = range(len(scene.classes))
    assert len(numbers) == 2
    look = Look("class", slices="none")
    counts = [
        sum(len(part.xyz) for part in drawn(scene, replace(look, hidden=frozenset(hidden))))
        for hidden in ((), numbers[:1], numbers)
    ]
    assert counts[0] > counts[1] > counts[2] == 0


def test_what_is_asked_twice_is_answered_alike(scene: Scene) -> None:
    first, second = (drawn(scene, Look("error")) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.xyz, other.xyz)
        np.testing.assert_array_equal(one.colours, other.colours)
    middle = scene.outline().mean(axis=0)
    assert scene.describe(middle, Look("class")) == scene.describe(middle, Look("class"))


def test_looks_are_one_whatever_their_focus_and_differ_in_all_else() -> None:
    look = Look("class")
    assert replace(look, focus=SPOT) == look
    assert len({look, replace(look, focus=SPOT)}) == 1
    others = [
        Look("truth"),
        replace(look, hidden=frozenset({0})),
        replace(look, step=0),
        replace(look, slices="none"),
    ]
    assert len({look, *others}) == 5
