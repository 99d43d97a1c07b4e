"""The primitives of every network, on dense tensors and on voxels alike.

Each takes a map, a tensor (B, C, *grid) or `Voxels`, and returns its kind; nd is 1, 2 or 3.
Kernel, stride, padding and dilation are one int, or one an axis. Weights have torch's layout.

All kernels share one phase: ``fine = stride * coarse + dilation * tap - floor(dilation *
(kernel - 1) / 2)``, the rule fVDB 0.6 documents. Where no padding is given, an output has
``ceil(n / stride)`` cells an axis, just those which voxels would have on a full grid. With a
padding p, tensors follow Dumoulin & Visin 2016 (arXiv:1603.07285): convolution makes
``floor((n + 2p - d(k - 1) - 1) / s) + 1`` cells; voxels refuse a padding of another phase.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from volseg.errors import InputError
from volseg.nn import dense
from volseg.nn.sizes import Size, per_axis, phase, pool_phase
from volseg.nn.sparse import primitives as sparse
from volseg.nn.sparse.neighbours import Window
from volseg.nn.voxels import Map, Voxels

ActivationKind = Literal["relu", "leaky_relu"]


def dimensions(x: Tensor | Voxels) -> int:
    """Number of spatial axes of a map."""
    return x.nd if isinstance(x, Voxels) else x.ndim - 2


def conv(
    x: Map,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: Size = 1,
    padding: Size | None = None,
    dilation: Size = 1,
) -> Map:
    """Convolution; voxels go to ``unique(floor(cell / stride))``, at stride 1 to their own cells.

    Args:
        x: C channels.
        weight: (D, C, *kernel).
        bias: (D,).
        stride: cells from one output cell to the next.
        padding: zeros around a tensor; None for the phase above.
        dilation: cells from one tap to the next.

    Returns:
        D channels.

    Raises:
        InputError: if shapes do not fit, or voxels are given a padding of another phase.
    """
    window, pads = _conv_window(x, weight, stride, padding, dilation)
    _check_channels(x, weight.shape[1])
    if isinstance(x, Voxels):
        return sparse.conv(x, weight, bias, window, pads)
    return dense.conv(x, weight, bias, window, pads)


def conv_transpose(
    x: Map,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: Size,
    like: Map,
    padding: Size | None = None,
    dilation: Size = 1,
) -> Map:
    """Transposed convolution, the adjoint of `conv`, onto the grid or the cells of ``like``.

    Args:
        x: C channels, on the grid that `conv` with the same stride takes ``like`` to.
        weight: (C, D, *kernel).
        bias: (D,).
        stride: cells of ``like`` from one cell of ``x`` to the next.
        like: names the output's grid or cells; its channels do not matter.
        padding: padding of the forward convolution; None for the phase above.
        dilation: cells from one tap to the next.

    Returns:
        D channels, on the grid or the cells of ``like``.

    Raises:
        InputError: if shapes do not fit, or voxels are given a padding of another phase.
    """
    window, pads = _conv_window(x, weight, stride, padding, dilation)
    _check_channels(x, weight.shape[0])
    if isinstance(x, Voxels):
        return sparse.conv_transpose(x, weight, bias, window, pads, like)
    return dense.conv_transpose(x, weight, bias, window, pads, like.shape[2:])


def max_pool(x: Map, kernel: Size, stride: Size | None = None) -> tuple[Map, Tensor]:
    """Largest value of every window, and where it stood; voxels look at the cells present only.

    A window is centred on the block of cells ``[s i, s i + s)`` it stands for, reaching
    ``floor((k - s) / 2)`` below it, and the output has ``ceil(n / s)`` cells an axis.

    Args:
        x: the map.
        kernel: cells of a window.
        stride: cells from one window to the next, at most the kernel; None for the kernel.

    Returns:
        The maxima, and int64 indices of their shape: flat places in a tensor's grid, rows of
        voxels. The first of equal values counts.

    Raises:
        InputError: if the kernel is smaller than the stride.
    """
    window = _pool_window(x, kernel, stride)
    if isinstance(x, Voxels):
        return sparse.max_pool(x, window)
    return dense.max_pool(x, window)


def max_unpool(x: Map, indices: Tensor, *, like: Map) -> Map:
    """Values put back where `max_pool` took them, zero elsewhere (Noh et al. 2015).

    Args:
        x: what became of the maxima.
        indices: int64, from pooling windows that do not overlap.
        like: names the output's grid or cells.

    Raises:
        InputError: if the indices have another shape than the values.
    """
    values = x.features if isinstance(x, Voxels) else x
    if indices.shape != values.shape:
        raise InputError(
            f"unpooling indices have shape {tuple(indices.shape)}, wanted {tuple(values.shape)}"
        )
    if isinstance(x, Voxels):
        return sparse.max_unpool(x, indices, like)
    return dense.max_unpool(x, indices, like.shape[2:])


def avg_pool(x: Map, kernel: Size, stride: Size | None = None) -> Map:
    """Sum of every window divided by the kernel's volume; windows as in `max_pool`.

    Absent cells, and cells past the edge, count as zero.

    Raises:
        InputError: if the kernel is smaller than the stride.
    """
    window = _pool_window(x, kernel, stride)
    if isinstance(x, Voxels):
        return sparse.avg_pool(x, window)
    return dense.avg_pool(x, window)


def avg_unpool(x: Map, *, like: Map, stride: Size | None = None) -> Map:
    """Every cell of ``like`` takes the value of the cell ``floor(cell / stride)`` of ``x``.

    Args:
        x: the coarse map.
        like: names the output's grid or cells.
        stride: cells of ``like`` in one of ``x``; None for the quotient of their strides, for
            tensors of their sizes, rounded up.

    Raises:
        InputError: if ``x`` does not lie over ``like`` at that stride.
    """
    if isinstance(x, Voxels):
        ratio = tuple(max(own // step, 1) for own, step in zip(x.stride, like.stride, strict=True))
        return sparse.avg_unpool(x, per_axis(stride or ratio, x.nd, "stride"), like)
    sides = like.shape[2:]
    ratio = tuple(-(-side // own) for own, side in zip(x.shape[2:], sides, strict=True))
    steps = per_axis(stride or ratio, x.ndim - 2, "stride")
    wanted = tuple(-(-side // step) for side, step in zip(sides, steps, strict=True))
    if x.shape[2:] != wanted:
        raise InputError(
            f"a grid of {tuple(x.shape[2:])} cells, wanted {wanted} to spread over "
            f"{tuple(sides)} at stride {steps}"
        )
    return dense.avg_unpool(x, steps, sides)


def activation(x: Map, kind: ActivationKind = "relu", *, inplace: bool = False) -> Map:
    """Rectified linear unit, or the leaky one of slope 0.01 below zero.

    Args:
        x: the map.
        kind: which.
        inplace: overwrite ``x``, which nobody else may need.

    Raises:
        InputError: if the kind is unknown.
    """
    if kind not in ("relu", "leaky_relu"):
        raise InputError(f"activation is {kind!r}, wanted 'relu' or 'leaky_relu'")
    if isinstance(x, Voxels):
        return x.with_features(_activate(x.features, kind, inplace))
    return _activate(x, kind, inplace)


def linear(x: Map, weight: Tensor, bias: Tensor | None = None) -> Map:
    """The same linear layer at every cell: weight (D, C), bias (D,)."""
    _check_channels(x, weight.shape[1])
    if isinstance(x, Voxels):
        return x.with_features(F.linear(x.features, weight, bias))
    return conv(x, weight.reshape(*weight.shape, *[1] * (x.ndim - 2)), bias)


def concat(*maps: Map) -> Map:
    """Channels of all maps one after another; voxels must share their cells."""
    first = maps[0]
    if isinstance(first, Voxels):
        _check_sites(maps)
        return first.with_features(torch.cat([each.features for each in maps], dim=1))
    return torch.cat(maps, dim=1)


def add(x: Map, y: Map) -> Map:
    """Sum of two maps of the same channels; voxels must share their cells."""
    if isinstance(x, Voxels):
        _check_sites((x, y))
        return x.with_features(x.features + y.features)
    return x + y


def _activate(x: Tensor, kind: ActivationKind, inplace: bool) -> Tensor:
    return F.relu(x, inplace) if kind == "relu" else F.leaky_relu(x, 0.01, inplace)


def _check_channels(x: Tensor | Voxels, wanted: int) -> None:
    found = (x.features if isinstance(x, Voxels) else x).shape[1]
    if found != wanted:
        raise InputError(f"the map has {found} channels, the weight wants {wanted}")


def _check_sites(maps: Sequence[Voxels]) -> None:
    first = maps[0].sites
    if any(each.sites is not first and not first.same_as(each.sites) for each in maps):
        raise InputError("voxels on different cells cannot be joined; wanted the same coordinates")


def _conv_window(
    x: Tensor | Voxels, weight: Tensor, stride: Size, padding: Size | None, dilation: Size
) -> tuple[Window, tuple[int, ...] | None]:
    nd = dimensions(x)
    if not 1 <= nd <= 3 or weight.ndim != nd + 2:
        raise InputError(
            f"a weight of shape {tuple(weight.shape)} has {weight.ndim - 2} axes of taps, the "
            f"map has {nd} axes; wanted the same, 1 to 3"
        )
    kernel, steps = tuple(weight.shape[2:]), per_axis(stride, nd, "stride")
    spread = per_axis(dilation, nd, "dilation")
    pads = None if padding is None else per_axis(padding, nd, "padding", least=0)
    return Window(kernel, steps, spread, phase(kernel, spread)), pads


def _pool_window(x: Tensor | Voxels, kernel: Size, stride: Size | None) -> Window:
    nd = dimensions(x)
    sides = per_axis(kernel, nd, "kernel")
    steps = sides if stride is None else per_axis(stride, nd, "stride")
    return Window(sides, steps, (1,) * nd, pool_phase(sides, steps))
