"""Classes that a mirror exchanges, told by names or by places, and others that it does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.plan import Plan, make_plan
from volseg.plan.text import to_yaml

GRID = (40, 30, 24)
LPS = np.diag([-1.0, -1.0, 2.0, 1.0])
Place = Callable[[np.random.Generator], tuple[tuple[float, ...], tuple[float, ...]]]
"""Draws the middles of two classes, as shares of the grid."""

BESIDE: Place = lambda rng: ((0.25, 0.5, 0.5), (0.75, 0.5, 0.55))  # noqa: E731
BEFORE: Place = lambda rng: ((0.5, 0.3, 0.5), (0.5, 0.7, 0.5))  # noqa: E731
ANYWHERE: Place = lambda rng: ((0.25, 0.5, 0.5), (0.75, 0.5, 0.5))[:: rng.choice([-1, 1])]  # noqa: E731


@pytest.fixture
def planned(tmp_path: Path, paper: Any) -> Callable[..., Plan]:
    """A plan for six cases of two round classes."""

    def make(
        names: tuple[str, str], place: Place, radii: tuple[float, float] = (5, 5), affine: Any = LPS
    ) -> Plan:
        rng = np.random.default_rng(0)
        for number in range(6):
            truth = np.zeros(GRID, np.uint8)
            for raw, (middle, radius) in enumerate(zip(place(rng), radii, strict=True), start=1):
                at = np.multiply(middle, GRID) + rng.normal(scale=0.7, size=3)
                far = np.indices(GRID) - at.reshape(3, 1, 1, 1)
                truth[(far**2).sum(axis=0) < radius**2] = raw
            image = rng.normal(100, 10, GRID).astype(np.float32)
            for part, end, array in (("imagesTr", "_0000", image), ("labelsTr", "", truth)):
                (tmp_path / part).mkdir(exist_ok=True)
                file = tmp_path / part / f"c{number}{end}.nii.gz"
                nib.save(nib.Nifti1Image(array, affine), file)
        said = {
            "channel_names": {"0": "T1"},
            "labels": {"background": 0, names[0]: 1, names[1]: 2},
            "file_ending": ".nii.gz",
        }
        (tmp_path / "dataset.json").write_text(json.dumps(said))
        return make_plan(read_dataset(tmp_path), paper(), memory=4 * 10**9)

    return make


@pytest.mark.parametrize(
    ("names", "place"),
    [(("Niere_rechts", "Niere_links"), ANYWHERE), (("organ 7", "organ 9"), BESIDE)],
    ids=["by name", "by place"],
)
def test_left_and_right_are_not_mirrored_and_it_is_said(
    planned: Callable[..., Plan], names: tuple[str, str], place: Place
) -> None:
    made = planned(names, place)
    assert made.config.images.mirror == ()
    (note,) = made.notes
    assert all(word in note for word in (*names, "axis 0 is not mirrored", "--tta"))
    (line,) = (one for one in to_yaml(made).splitlines() if "mirror: []" in one)
    assert all(name in line for name in names)


@pytest.mark.parametrize(
    ("place", "radii"),
    [(BEFORE, (5, 5)), (ANYWHERE, (5, 5)), (BESIDE, (3, 7))],
    ids=["one before the other", "now left, now right", "of two sizes"],
)
def test_other_classes_are_mirrored(
    planned: Callable[..., Plan], place: Place, radii: tuple[float, float]
) -> None:
    made = planned(("core", "shell"), place, radii)
    assert made.config.images.mirror == (0,)
    assert made.notes == ()


def test_one_side_alone_is_not_mirrored_onto_what_has_no_class(
    planned: Callable[..., Plan],
) -> None:
    made = planned(("kidney_left", "liver"), BEFORE)
    assert made.config.images.mirror == ()
    (note,) = made.notes
    assert "would exchange kidney_left and its other side, which has no class" in note


def test_sides_are_those_of_the_patient_however_the_file_lies(
    planned: Callable[..., Plan],
) -> None:
    # The array's second axis runs from right to left.
    turned = np.array([[0, -1.0, 0, 0], [1, 0, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]])
    assert planned(("a", "b"), BEFORE, affine=turned).config.images.mirror == ()
    assert planned(("a", "b"), BESIDE, affine=turned).config.images.mirror == (0,)


@pytest.mark.parametrize(("down", "mirror"), [(True, (1,)), (False, (0,))])
def test_photographs_keep_the_axis_that_exchanges_nothing(
    tmp_path: Path, paper: Any, down: bool, mirror: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(0)
    for part in ("images", "labels"):
        (tmp_path / part).mkdir()
    for number in range(5):
        truth = np.zeros((64, 64), np.uint8)
        first, second = 10 + rng.integers(0, 5, 2)
        truth[first : first + 14, 20:44], truth[second + 28 : second + 42, 20:44] = 1, 2
        truth = truth if down else truth.T
        image = Image.fromarray(rng.integers(0, 255, (64, 64)).astype(np.uint8))
        image.save(tmp_path / "images" / f"{number}.png")
        Image.fromarray(np.ascontiguousarray(truth)).save(tmp_path / "labels" / f"{number}.png")
    made = make_plan(read_dataset(tmp_path), paper(), memory=4 * 10**9)
    assert made.config.images.mirror == mirror
    text = to_yaml(made)
    assert f"not axis {1 - mirror[0]}, which would exchange class_1 and class_2" in text
    assert "spacing: [1, 1, 1] # pixels" in text
    assert " mm" not in text
