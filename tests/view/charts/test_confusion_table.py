"""The table of a confusion: rows add up to one, and no column is there for nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from volseg.metrics.confusion import Confusion
from volseg.view.charts.confusion_table import ConfusionTable


@given(
    st.integers(1, 6).flatmap(lambda k: arrays(np.int64, (k, k + 1), elements=st.integers(0, 9)))
)
def test_every_row_adds_up_to_its_truth(counts: np.ndarray) -> None:  # type: ignore[type-arg]
    confusion = Confusion(len(counts))
    confusion.counts[:] = counts
    names = [str(k) for k in range(len(counts))]
    table = ConfusionTable.of(names, confusion)
    assert (table.columns[-1] == "no class") == bool(counts[:, -1].any())
    assert table.counts.sum() == counts.sum()
    for shares, support in zip(table.shares, counts.sum(axis=1), strict=True):
        assert np.isnan(shares).all() if support == 0 else np.isclose(shares.sum(), 1)
