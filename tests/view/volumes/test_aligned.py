"""Volumes of one grid: what lies elsewhere is refused, what is stored in another way is not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.view.volumes.aligned import IGNORED, AlignedVolumes

# Stored towards the left, anterior and down, one axis twice as coarse.
AFFINE = np.array([[-1, 0, 0, 40], [0, 2, 0, -30], [0, 0, -1, 60], [0, 0, 0, 1.0]])
LABELS = LabelMap(
    (
        LabelClass("background", (0,), "#000000"),
        LabelClass("left", (3,), "#C81E1E"),
        LabelClass("right", (7, 8), "#1E1EC8"),
    ),
    ignore=(99,),
)
IDS = np.array([0, 0, 3, 7, 8])
GRID = (6, 5, 4)


def random_ids(seed: int, *more: int) -> NDArray[np.int16]:
    return np.random.default_rng(seed).choice([*IDS, *more], GRID).astype(np.int16)


def volume(array: NDArray[np.generic], affine: NDArray[np.float64] = AFFINE) -> Volume:
    return Volume(array[None], affine)


def aligned(guess: Volume, truth: Volume | None = None) -> AlignedVolumes:
    return AlignedVolumes("case", labels=guess, truth=truth, classes=LABELS)


def test_axes_run_right_anterior_superior() -> None:
    made = aligned(volume(random_ids(0)))
    assert (np.diag(made.affine[:3, :3]) > 0).all()
    assert np.allclose(made.to_cells(made.to_world(np.array([1.0, 2, 3]))), (1, 2, 3))


def test_wrong_is_what_has_a_known_truth_and_another_class() -> None:
    guess, truth = random_ids(0), random_ids(1, 99)
    encoded = [LABELS.encode(ids) for ids in (guess, truth)]
    wrong = (encoded[0] != encoded[1]) & (truth != 99)
    made = aligned(volume(guess), volume(truth))
    assert (made.wrong == wrong[::-1, :, ::-1]).all()  # the axes that ran the other way
    assert sum(spot.count for spot in made.spots) == wrong.sum()
    everywhere = (slice(None),) * 3
    assert (made.shown("error", frozenset(), everywhere) == made.wrong).all()
    assert not made.shown("truth", frozenset({0, 1}), everywhere).any()
    assert ((made.codes["truth"] == IGNORED) == (truth == 99)[::-1, :, ::-1]).all()


def test_errors_are_drawn_as_the_true_class_where_none_is_predicted() -> None:
    guess, truth = random_ids(0), random_ids(1)
    drawn = aligned(volume(guess), volume(truth)).drawn("error")
    wanted = np.where(guess == 0, LABELS.encode(truth), LABELS.encode(guess))
    assert (drawn == wanted[::-1, :, ::-1]).all()


def test_regions_that_overlap_take_the_colour_of_the_last() -> None:
    regions = LabelMap(
        (LabelClass("whole", (1, 2), "#111111"), LabelClass("core", (2,), "#222222")), overlap=True
    )
    array = np.zeros((4, 4, 4), np.int16)
    array[0], array[1] = 1, 2
    case = AlignedVolumes("regions", labels=volume(array, np.eye(4)), classes=regions)
    assert [entry.name for entry in case.classes] == ["whole", "core"]
    assert [int(case.codes["class"][k, 0, 0]) for k in range(3)] == [1, 2, 0]


def test_volumes_of_other_places_are_refused() -> None:
    moved = AFFINE.copy()
    moved[0, 3] += 3
    with pytest.raises(InputError, match="3 voxels beside"):
        aligned(volume(random_ids(0)), volume(random_ids(1), moved))
    with pytest.raises(InputError, match="wanted one grid"):
        aligned(volume(random_ids(0)), volume(random_ids(1)[:3]))


def test_the_same_place_stored_in_another_order_is_the_same() -> None:
    guess, truth = random_ids(0), random_ids(1)
    affine = AFFINE @ np.diag([-1.0, 1, 1, 1])
    affine[0, 3] += AFFINE[0, 0] * (GRID[0] - 1)
    turned = aligned(volume(guess), volume(truth[::-1].copy(), affine))
    assert (turned.wrong == aligned(volume(guess), volume(truth)).wrong).all()
