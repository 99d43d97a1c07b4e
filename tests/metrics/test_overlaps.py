"""The sparse table of shared cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry.labels import IGNORE
from volseg.metrics import Overlaps, segment_keys
from volseg.metrics import overlaps as module
from volseg.metrics.overlaps import class_of, id_of

THINGS = np.array([False, True])
CELLS = st.lists(st.tuples(st.integers(-1, 1), st.integers(0, 2**32 - 1)), max_size=40)


@given(CELLS)
def test_keys_hold_the_class_and_the_id_of_things(cells: list[tuple[int, int]]) -> None:
    table = np.array(cells, dtype=np.int64).reshape(-1, 2)
    keys = segment_keys(table[:, 0], table[:, 1], THINGS)
    assert np.array_equal(class_of(keys), table[:, 0])
    assert np.array_equal(id_of(keys), np.where(table[:, 0] == 1, table[:, 1], 0))
    assert (keys[table[:, 0] == IGNORE] == module.VOID).all()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=60), st.integers(1, 9))
def test_counts_are_those_of_a_dense_table(pairs: list[tuple[int, int]], chunk: int) -> None:
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    dense = np.zeros((4, 4), np.int64)
    np.add.at(dense, tuple(table.T), 1)
    counted = Overlaps()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", chunk)
        counted.update(table[:, 0], table[:, 1])
    rows, columns = np.nonzero(dense)
    assert np.array_equal(counted.truth, rows)
    assert np.array_equal(counted.predicted, columns)
    assert np.array_equal(counted.counts, dense[rows, columns])


def test_floats_are_no_ids() -> None:
    with pytest.raises(InputError, match="values of type float64 as object id; wanted integers"):
        segment_keys(np.array([1]), np.array([1.0]), THINGS)
