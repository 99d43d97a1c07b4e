from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.geometry.blocks import BLOCK, blocks, side_by_side


@given(st.integers(0, 5 * BLOCK))
def test_blocks_hold_every_row_once_and_in_order(count):
    rows = blocks(count)
    assert all(0 < part.stop - part.start <= BLOCK for part in rows)
    assert [part.start for part in rows] == [0, *(part.stop for part in rows)][: len(rows)]
    assert (rows[-1].stop if rows else 0) == count


@pytest.mark.parametrize("count", [0, 1, 40])
def test_results_stand_in_the_order_of_their_parts(count):
    assert side_by_side(lambda part: part * part, range(count)) == [n * n for n in range(count)]


def test_a_single_part_is_the_callers_own_work():
    assert side_by_side(lambda _: threading.get_ident(), [0]) == [threading.get_ident()]


def test_an_error_in_a_part_comes_out():
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda part: 1 // part, [2, 1, 0, 3])
