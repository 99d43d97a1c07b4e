"""Shapes of Dumoulin & Visin 2016, and equality with torch's own layers."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from volseg.nn import functional

sizes = st.integers(1, 12)
kernels, strides, dilations, pads = (
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 3),
)


@given(sizes, kernels, strides, dilations, pads)
@settings(max_examples=150, deadline=None)
def test_convolution_has_the_published_size(n: int, k: int, s: int, d: int, p: int) -> None:
    assume(n + 2 * p >= d * (k - 1) + 1)
    x, weight = torch.randn(1, 2, n, dtype=torch.float64), torch.randn(3, 2, k).double()
    y = functional.conv(x, weight, stride=s, padding=p, dilation=d)
    assert y.shape == (1, 3, (n + 2 * p - d * (k - 1) - 1) // s + 1)
    assert torch.equal(y, F.conv1d(x, weight, stride=s, padding=p, dilation=d))


@given(sizes, kernels, strides, dilations, pads, st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_transposed_convolution_has_the_published_size(
    n: int, k: int, s: int, d: int, p: int, op: int
) -> None:
    side = (n - 1) * s - 2 * p + d * (k - 1) + op + 1
    assume(op < max(s, d) and side > 0)
    x, weight = torch.randn(1, 2, n, dtype=torch.float64), torch.randn(2, 3, k).double()
    like = torch.empty(1, 7, side)
    y = functional.conv_transpose(x, weight, stride=s, like=like, padding=p, dilation=d)
    own = F.conv_transpose1d(x, weight, None, s, p, op, 1, d)
    assert y.shape == own.shape == (1, 3, side)
    assert torch.equal(y, own)


@given(sizes, kernels, strides, dilations)
@settings(max_examples=150, deadline=None)
def test_without_padding_the_output_covers_the_input(n: int, k: int, s: int, d: int) -> None:
    x = torch.randn(1, 2, n, dtype=torch.float64)
    y = functional.conv(x, torch.randn(3, 2, k).double(), stride=s, dilation=d)
    assert y.shape[2] == -(-n // s)
    weight = torch.randn(3, 2, k).double()
    back = functional.conv_transpose(y, weight, stride=s, like=x, dilation=d)
    assert back.shape == x.shape
    # The transposed convolution is the adjoint of the convolution with the same weight.
    other = torch.randn_like(y)
    left = (functional.conv(x, weight, stride=s, dilation=d) * other).sum()
    right = (functional.conv_transpose(other, weight, stride=s, like=x, dilation=d) * x).sum()
    torch.testing.assert_close(left, right)


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 3), (3, 1), (4, 4)])
def test_pools_equal_torchs_own(nd: int, kernel: int, stride: int) -> None:
    x = torch.randn(2, 3, *(12, 24, 12)[:nd], dtype=torch.float64)
    pad = (kernel - stride) // 2
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[nd - 1]
    values, places = functional.max_pool(x, kernel, stride)
    own, own_places = pool(x, kernel, stride, pad, return_indices=True)
    assert torch.equal(values, own)
    assert torch.equal(places, own_places)
    average = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[nd - 1]
    torch.testing.assert_close(
        functional.avg_pool(x, kernel, stride), average(x, kernel, stride, pad)
    )
    if kernel == stride:
        unpool = (F.max_unpool1d, F.max_unpool2d, F.max_unpool3d)[nd - 1]
        again = functional.max_unpool(values, places, like=x)
        assert torch.equal(again, unpool(own, own_places, kernel, stride))


@pytest.mark.parametrize("shape", [(5,), (7, 5), (5, 4, 7)])
@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 3), (3, 2), (2, 1), (4, 3)])
def test_pool_indices_name_the_maxima(shape: tuple[int, ...], kernel: int, stride: int) -> None:
    x = torch.randn(2, 3, *shape)
    values, places = functional.max_pool(x, kernel, stride)
    assert values.shape[2:] == tuple(-(-n // stride) for n in shape)
    assert torch.equal(x.flatten(2).gather(2, places.flatten(2)), values.flatten(2))


@pytest.mark.parametrize(("n", "stride"), [(1, 2), (5, 2), (6, 3), (7, 4), (5, 4)])
def test_average_unpooling_spreads_a_cell_over_its_block(n: int, stride: int) -> None:
    fine = torch.zeros(1, 1, n)
    coarse = torch.arange(-(-n // stride)).double().view(1, 1, -1)
    spread = functional.avg_unpool(coarse, like=fine, stride=stride)
    assert spread.flatten().tolist() == [cell // stride for cell in range(n)]


@pytest.mark.parametrize("channels", [1, 4, 40])
@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last_3d])
def test_single_precision_volumes_equal_double_whatever_convolves_them(
    channels: int, batch: int, layout: torch.memory_format
) -> None:
    random = torch.Generator().manual_seed(0)
    x = torch.randn(batch, channels, 9, 10, 11, generator=random)
    weight = torch.randn(5, channels, 3, 3, 1, generator=random)
    bias, slope = (torch.randn(5, generator=random) for _ in range(2))
    found = []
    for dtype in (torch.float32, torch.float64):
        leaves = [
            one.to(dtype).contiguous(memory_format=layout).requires_grad_() for one in (x, weight)
        ]
        shift = bias.to(dtype).requires_grad_()
        out = functional.conv(*leaves, shift, stride=(2, 1, 1))
        cost = (out * slope.to(dtype)[:, None, None, None]).square().sum()
        found.append([out, *torch.autograd.grad(cost, (*leaves, shift))])
    for single, double in zip(*found, strict=True):
        torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=1e-3)
