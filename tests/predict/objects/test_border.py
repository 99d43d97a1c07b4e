"""Border cores: truth to targets and back, and what turning the grid changes: nothing."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.data.volumes.objects.prepare import touches_another
from volseg.predict.objects.border import grow_cores, parted


def same_objects(one, other) -> bool:
    """Whether two numberings cut the grid alike."""
    pairs = np.unique(np.stack((one.ravel(), other.ravel())), axis=1)
    return len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]


def touching_cells(nd: int, seed: int = 0):
    """Voronoi cells that fill most of a grid."""
    random = np.random.default_rng(seed)
    grid = (40, 36, 1) if nd == 2 else (20, 22, 18)
    seeds = random.uniform(0, grid, (14, 3))
    places = np.stack(np.indices(grid), -1)[..., None, :]
    ranges = ((places - seeds) ** 2)[..., :nd].sum(-1)
    return np.where(ranges.min(-1) < (81 if nd == 2 else 49), ranges.argmin(-1) + 1, 0)


@pytest.mark.parametrize("nd", [2, 3])
def test_truth_to_targets_and_back(nd):
    truth = touching_cells(nd).astype(np.int32)
    core = ~touches_another(truth, (3, 3, 3 if nd == 3 else 1))
    grown = grow_cores(truth > 0, core, axes=range(nd), least=3)
    assert np.array_equal(grown > 0, truth > 0)
    for number in np.unique(truth[core & (truth > 0)]):
        own = truth == number
        (name,) = np.unique(grown[own & core])
        assert (own & (grown == name)).sum() > 0.5 * (own | (grown == name)).sum()


def test_objects_apart_come_back_as_they_are():
    truth = np.zeros((20, 20, 20), np.int32)
    truth[2:7, 2:7, 2:7], truth[9:18, 3:8, 3:9], truth[2:7, 10:12, 13:17] = 3, 1, 2
    assert same_objects(grow_cores(truth > 0, truth > 0), truth)


@pytest.mark.parametrize("nd", [2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_mirroring_and_turning_commute(nd, seed):
    truth = touching_cells(nd, seed).astype(np.int32)
    inside, core = truth > 0, ~touches_another(truth, (3, 3, 3 if nd == 3 else 1))
    plain = grow_cores(inside, core, axes=range(nd))
    for turn in (lambda x: x[::-1], lambda x: x[:, ::-1], lambda x: x.swapaxes(0, 1)):
        turned = grow_cores(turn(inside), turn(core), axes=range(nd))
        assert same_objects(turned, turn(plain))


def test_a_small_core_is_grown_over_and_what_has_none_is_an_object():
    inside, core = np.zeros((2, 12, 12, 1), bool)
    inside[1:7, 1:7], core[1:5, 1:5], core[6, 6] = True, True, True
    inside[9:11, 9:11] = True
    numbers = grow_cores(inside, core, axes=(0, 1), least=4)
    assert numbers.max() == 2
    assert (numbers[1:7, 1:7] == 1).all()
    assert (numbers[9:11, 9:11] == 2).all()


def test_nothing_gives_nothing():
    nothing = np.zeros((4, 4, 4), bool)
    assert not grow_cores(nothing, nothing).any()


@pytest.mark.parametrize("nd", [2, 3])
def test_objects_are_parted_where_they_touch_by_a_face_and_nowhere_else(nd):
    truth = touching_cells(nd).astype(np.int32)
    marks = parted(truth, range(nd))
    wanted = np.zeros(truth.shape, bool)
    padded = np.pad(truth, 1)
    for axis in range(nd):
        for step in (-1, 1):
            beside = np.roll(padded, step, axis)[1:-1, 1:-1, 1:-1]
            wanted |= (truth > 0) & (beside > 0) & (beside != truth)
    assert wanted.any()
    assert np.array_equal(marks, wanted)


def test_slices_do_not_part_each_other():
    truth = np.stack((np.full((5, 5), 1), np.full((5, 5), 2)), axis=2).astype(np.int32)
    assert not parted(truth, (0, 1)).any()
    assert parted(truth, (0, 1, 2)).all()
