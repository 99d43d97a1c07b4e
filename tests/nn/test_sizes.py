"""Sizes of kernels: one for all axes or one an axis, and the phase that both kinds of map share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.nn.sizes import per_axis, per_stage, phase, pool_phase

sides = st.lists(st.integers(1, 9), min_size=1, max_size=3)


@given(st.integers(1, 9), st.integers(1, 3))
def test_one_number_is_the_same_on_every_axis_and_stage(size: int, count: int) -> None:
    assert per_axis(size, count, "kernel") == per_axis([size] * count, count, "kernel")
    assert per_stage(size, count, "kernels") == per_stage([size] * count, count, "kernels")


@given(sides, st.data())
def test_a_kernel_reaches_as_far_below_its_cell_as_above_or_one_less(
    kernel: list[int], data: st.DataObject
) -> None:
    dilation = data.draw(st.lists(st.integers(1, 4), min_size=len(kernel), max_size=len(kernel)))
    for side, step, below in zip(kernel, dilation, phase(kernel, dilation), strict=True):
        above = step * (side - 1) - below
        assert above - below in (0, 1)


@given(sides, st.data())
def test_a_pooling_window_lies_around_its_block(kernel: list[int], data: st.DataObject) -> None:
    stride = [data.draw(st.integers(1, side)) for side in kernel]
    for side, step, below in zip(kernel, stride, pool_phase(kernel, stride), strict=True):
        above = side - step - below
        assert 0 <= below <= above <= below + 1


def test_sizes_that_do_not_fit_are_named() -> None:
    with pytest.raises(InputError, match="kernel \\(3, 3\\) has 2 axes, wanted 3"):
        per_axis((3, 3), 3, "kernel")
    with pytest.raises(InputError, match="padding is -1, wanted at least 0"):
        per_axis(-1, 3, "padding", least=0)
    with pytest.raises(InputError, match="strides name 3 sizes, wanted 2"):
        per_stage((2, 2, 2), 2, "strides")
    with pytest.raises(InputError, match="smaller than its stride"):
        pool_phase((2, 2), (2, 3))
