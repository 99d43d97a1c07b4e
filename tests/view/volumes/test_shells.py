"""Surfaces of a volume: as coarse as they must be, and made once."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from volseg.geometry.volume import Volume
from volseg.view.colours import CORRECT, WRONG
from volseg.view.legend import Entry
from volseg.view.scene import Look
from volseg.view.volumes.aligned import AlignedVolumes
from volseg.view.volumes.scene import VolumeScene
from volseg.view.volumes.shells import Shells


def boxes() -> AlignedVolumes:
    """Two boxes of classes 1 and 2, a corner of the first missed."""
    truth = np.zeros((1, 24, 16, 20), dtype=np.uint8)
    truth[0, 2:10, 4:12, 4:16], truth[0, 14:22, 4:12, 4:16] = 1, 2
    guess = truth.copy()
    guess[0, 2:4, 4:6, 4:6] = 0
    return AlignedVolumes("a", labels=Volume(guess, np.eye(4)), truth=Volume(truth, np.eye(4)))


def test_large_surfaces_are_coarse_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Shells(boxes()).coarsest == 1
    assert VolumeScene(boxes()).title == "a: 24 x 16 x 20 voxels"
    monkeypatch.setattr(import_module("volseg.view.volumes.shells"), "MOST_CELLS", 100)
    assert Shells(boxes()).coarsest == 2
    assert "large surfaces of every 2 voxels" in VolumeScene(boxes()).title


@pytest.mark.usefixtures("drawing")
def test_a_class_has_one_surface_however_it_is_looked_at() -> None:
    shells = Shells(boxes())
    first, second = shells.of_classes(Look("class"))
    assert shells.of_classes(Look("class", frozenset({0})))[0] is second
    assert shells.of_classes(Look("class"))[0] is first
    assert shells.of_classes(Look("truth"))[0] is not first


@pytest.mark.usefixtures("drawing")
def test_what_is_wrong_has_a_surface_of_its_own() -> None:
    entries = Entry("correct", CORRECT), Entry("wrong", WRONG)
    right, wrong = Shells(boxes()).of_errors(Look("error"), *entries)
    assert wrong.xyz.max() < 6.1
    assert right.xyz[:, 0].max() > 20
    _, nothing = Shells(boxes()).of_errors(Look("error", frozenset({0, 1})), *entries)
    assert not len(nothing.xyz)
