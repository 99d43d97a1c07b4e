from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from volseg.predict.objects.union_find import joined

PAIRS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=15)


@given(PAIRS, st.randoms(use_true_random=False))
def test_members_are_joined_one_pair_after_the_other(pairs, random) -> None:
    parts = [{k} for k in range(12)]
    for one, two in pairs:
        union = next(p for p in parts if one in p) | next(p for p in parts if two in p)
        parts = [p for p in parts if not p & union] + [union]
    wanted = np.empty(12, np.int64)
    for number, part in enumerate(sorted(parts, key=min)):
        wanted[list(part)] = number
    random.shuffle(pairs)
    table = np.array(pairs, np.int64).reshape(-1, 2)
    assert np.array_equal(joined(12, table[:, 0], table[:, 1]), wanted)
    assert np.array_equal(joined(12, table[:, 1], table[:, 0]), wanted)


def test_nobody_is_joined_with_nobody() -> None:
    assert joined(0, np.zeros(0, np.int64), np.zeros(0, np.int64)).shape == (0,)
