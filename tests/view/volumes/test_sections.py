"""Slices of a volume: through what is looked at, with letters where a person has sides."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.geometry.volume import Volume
from volseg.view.scene import Look
from volseg.view.spots import Spot
from volseg.view.volumes.aligned import AlignedVolumes
from volseg.view.volumes.planes import BLANK
from volseg.view.volumes.sections import CUT, CrossSections

AFFINE = np.diag([1.0, 2.0, 3.0, 1.0])


def volumes(unit: str = "mm") -> AlignedVolumes:
    labels = np.zeros((1, 12, 10, 8), dtype=np.uint8)
    labels[0, 2:10, 2:8, 2:6] = 1
    return AlignedVolumes("a", labels=Volume(labels, AFFINE), unit=unit)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_slice_lies_in_the_place_that_is_looked_at(axis: int) -> None:
    place = np.array([5.0, 8.0, 9.0])
    mesh = CrossSections(volumes()).mesh(Look("class", focus=Spot(1, place, np.ones(3))), axis)
    assert mesh.xyz[:, axis] == pytest.approx(place[axis])


def test_slices_rest_at_the_far_sides_of_what_is_labelled() -> None:
    low, high = volumes().content
    assert CrossSections(volumes()).resting == pytest.approx(low + CUT * (high - 1 - low))


def test_without_an_image_hidden_classes_leave_blank_paper() -> None:
    sections = CrossSections(volumes())
    assert len(np.unique(sections.mesh(Look("class"), 2).colours, axis=0)) == 2
    hidden = sections.mesh(Look("class", frozenset({0})), 2).colours
    assert np.unique(hidden).tolist() == [BLANK]


def test_pixels_have_no_letters() -> None:
    (mesh,) = CrossSections(volumes()).letters(Look("class"), (0, 1, 2), from_above=False)
    assert len(mesh.xyz)
    assert not CrossSections(volumes("pixels")).letters(Look("class"), (2,), from_above=True)
    assert not CrossSections(volumes()).letters(Look("class"), (), from_above=False)
