from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.predict.objects.table import ObjectTable


@given(st.integers(0, 2**31), st.integers(1, 200), st.integers(1, 6))
def test_rows_are_what_numpy_says_of_each_object_whatever_the_pieces(seed, cells, pieces) -> None:
    rng = np.random.default_rng(seed)
    numbers = np.append(rng.integers(0, 4, cells), [1, 2, 3])
    classes, places = numbers + 5, np.round(rng.uniform(-1e6, 6e6, (len(numbers), 3)), 3)
    sure = rng.random(len(numbers)).astype(np.float32)
    table = ObjectTable(3)
    for piece in np.array_split(rng.permutation(len(numbers)), pieces):
        table.add(numbers[piece], classes[piece], places[piece], sure[piece])
    assert table.classes.tolist() == [6, 7, 8]
    for k in range(3):
        own = numbers == k + 1
        assert table.sizes[k] == own.sum()
        np.testing.assert_allclose(table.centres[k], places[own].mean(axis=0), atol=1e-6)
        assert table.confidence[k] == pytest.approx(sure[own].mean(), abs=1e-5)
    columns = table.columns()
    assert columns["y_max"] == [places[numbers == k, 1].max() for k in (1, 2, 3)]
    assert columns["x_min"] == [places[numbers == k, 0].min() for k in (1, 2, 3)]
