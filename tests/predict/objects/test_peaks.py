"""Peaks against the size of their objects: one is left of each, and none of strays."""

from __future__ import annotations

import numpy as np

from volseg.predict.objects.centre import CentreVotes, Peaks, find_peaks
from volseg.predict.objects.peaks import lengths_of, one_per_object


def disc(centre: tuple[float, float], radius: float, noise: float, seed: int):
    """Cells of a disc, and ways to its centre that are off by some noise; in lattice cells."""
    random = np.random.default_rng(seed)
    reach = int(radius) + 1
    cells = np.stack(np.mgrid[-reach : reach + 1, -reach : reach + 1], -1).reshape(-1, 2)
    cells = cells[np.linalg.norm(cells, axis=1) < radius]
    ways = -cells + random.normal(0, noise, cells.shape)
    return cells + np.round(centre), ways


def votes_of(*discs):
    places, ways = (np.concatenate(column) for column in zip(*discs, strict=True))
    cells = np.floor(places + ways).astype(np.int64)
    return np.column_stack((np.zeros(len(cells), np.int64), cells)), lengths_of(ways)


def grouped(cells, lengths):
    peaks = find_peaks(CentreVotes.of(cells, np.ones(len(cells), np.int64)), share=0.0)
    kept = one_per_object(peaks, peaks.assign(cells), lengths, density=np.ones(1), nd=2)
    return peaks, kept


def test_scattered_votes_of_large_objects_are_one_object_and_small_ones_stay():
    large, small = disc((60, 60), 22, 5.0, 3), disc((110, 60), 4, 0.3, 1)
    beside = disc((66, 88), 5, 0.3, 2)
    cells, lengths = votes_of(large, small, beside)
    peaks, kept = grouped(cells, lengths)
    assert len(peaks) > 3
    assert len(kept) == 3
    ids = kept.assign(cells)
    first, second, third = np.split(ids, np.cumsum([len(large[0]), len(small[0])]))
    assert (first == np.bincount(first).argmax()).mean() > 0.9
    assert len(np.unique(second)) == len(np.unique(third)) == 1
    assert second[0] != third[0]


def test_a_few_cells_that_point_far_are_no_object():
    cells, lengths = votes_of(disc((20, 20), 6, 0.2, 0), disc((80, 20), 10, 0.2, 1))
    stray = np.array([[0, 50, 50]] * 6)
    _, kept = grouped(np.concatenate((cells, stray)), np.concatenate((lengths, [16 * 12] * 6)))
    assert len(kept) == 2


def test_order_changes_nothing():
    cells, lengths = votes_of(disc((20, 20), 9, 2, 0), disc((34, 25), 7, 2, 1))
    _, kept = grouped(cells, lengths)
    order = np.random.default_rng(0).permutation(len(cells))
    _, other = grouped(cells[order], lengths[order])
    assert np.array_equal(kept.cells, other.cells)


def test_without_peaks_there_is_none():
    nothing = Peaks(np.zeros((0, 3), np.int64), np.zeros(0, np.int64))
    kept = one_per_object(nothing, np.zeros(0, np.int64), np.zeros(0, np.int64), nd=2)
    assert len(kept) == 0
