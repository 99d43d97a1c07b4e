"""Wrong objects: each listed by what became of it, as often as the scores count it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from volseg.metrics import Panoptic
from volseg.metrics.object_errors import (
    ERROR_KINDS,
    ObjectError,
    cell_fates,
    fates_of,
    key_objects,
    object_errors,
)

CELLS = hnp.arrays(np.int64, 60, elements=st.integers(0, 3))


def compared(truth: np.ndarray, ids: np.ndarray, predicted: np.ndarray, guesses: np.ndarray):
    panoptic = Panoptic(4, things=[1, 3])
    panoptic.update(truth, ids, predicted, guesses, case="case")
    return panoptic


def test_each_error_has_its_name() -> None:
    ids = np.repeat([1, 2, 3, 4, 0], (5, 6, 4, 4, 8))
    guesses = np.repeat([0, 7, 8, 9, 0, 5], (5, 3, 3, 8, 4, 4))
    truth, predicted = (ids > 0).astype(int), (guesses > 0).astype(int)
    found = object_errors(compared(truth, ids, predicted, guesses).matching("case"), [1, 3])
    assert found == [
        ObjectError("merged", 1, 9, 8),
        ObjectError("split", 1, 2, 6),
        ObjectError("missed", 1, 1, 5),
        ObjectError("false", 1, 5, 4),
    ]
    assert [error.in_truth for error in found] == [False, True, True, False]


@given(truth=CELLS, ids=CELLS, predicted=CELLS, guesses=CELLS)
def test_as_many_are_listed_as_are_counted(
    truth: np.ndarray, ids: np.ndarray, predicted: np.ndarray, guesses: np.ndarray
) -> None:
    panoptic = compared(truth, ids, predicted, guesses)
    found, scores = object_errors(panoptic.matching("case"), [1, 3]), panoptic.scores()
    assert [error.cells for error in found] == sorted((one.cells for one in found), reverse=True)
    for kind in ERROR_KINDS:
        for label in (1, 3):
            listed = [one for one in found if (one.kind, one.label) == (kind, label)]
            assert len(listed) == getattr(scores, kind)[label]
            for one in listed:
                side = (truth, ids) if one.in_truth else (predicted, guesses)
                assert ((side[0] == label) & (side[1] == one.id)).any()


def test_numbers_are_those_of_keys() -> None:
    ids = np.array([[9, 0, 4], [9, 4, 70_000]])
    keys, numbers = key_objects(np.minimum(ids, 1), ids, (1,))
    assert numbers.tolist() == [[2, 0, 1], [2, 1, 3]]
    assert (keys & 0xFFFFFFFF).tolist() == [4, 9, 70_000]
    one = np.array([1])
    assert key_objects(one, one, (1,))[1].tolist() == [1]
    assert len(key_objects(one, 0 * one, (1,))[0]) == 0


@given(truth=CELLS, ids=CELLS, predicted=CELLS, guesses=CELLS)
def test_cells_know_what_became_of_their_object(
    truth: np.ndarray, ids: np.ndarray, predicted: np.ndarray, guesses: np.ndarray
) -> None:
    pairs = compared(truth, ids, predicted, guesses).matching("case")
    cells = cell_fates((truth, ids), (predicted, guesses), pairs, (1, 3))
    keys, numbers = key_objects(truth, ids, (1, 3))
    own = np.append(0, fates_of(keys, pairs.truth, pairs.fates[0]))[numbers]
    assert np.array_equal(cells[own > 0], own[own > 0])
    missed = [one for one in object_errors(pairs, [1, 3]) if one.kind == "missed"]
    for one in missed:
        assert (cells[(truth == one.label) & (ids == one.id)] == 1).all()
    neither = (~np.isin(truth, (1, 3)) | (ids == 0)) & (
        ~np.isin(predicted, (1, 3)) | (guesses == 0)
    )
    assert not cells[neither].any()
