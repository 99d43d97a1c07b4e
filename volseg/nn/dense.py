"""The primitives on tensors (B, C, *grid): torch's own operations, with one rule of padding.

Where no padding is given, a kernel keeps the phase it has on voxels and the output covers the
whole input: ``ceil(n / stride)`` cells an axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from volseg.errors import InputError
from volseg.nn.sparse.neighbours import Window

_CONV: tuple[Any, ...] = (F.conv1d, F.conv2d, F.conv3d)
_CONV_TRANSPOSE: tuple[Any, ...] = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)
_MAX_POOL: tuple[Any, ...] = (F.max_pool1d, F.max_pool2d, F.max_pool3d)
_AVG_POOL: tuple[Any, ...] = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)


def conv(
    x: Tensor, weight: Tensor, bias: Tensor | None, window: Window, padding: Sequence[int] | None
) -> Tensor:
    """Convolution of (B, C, *grid), weight (D, C, *kernel)."""
    if padding is None:
        x, padding = _covered(x, window, 0.0)
    if _suits_onednn(x):
        return torch.mkldnn_convolution(
            x, weight, bias, padding, window.stride, window.dilation, groups=1
        )
    op = _CONV[x.ndim - 3]
    out: Tensor = op(x, weight, bias, window.stride, tuple(padding), window.dilation)
    return out


def _suits_onednn(x: Tensor) -> bool:
    """Whether oneDNN is to convolve a map that torch might keep from it.

    Of one volume of few channels torch does, and takes up to twenty times as long.
    """
    return (
        x.dtype == torch.float32
        and x.device.type == "cpu"
        and not torch.is_autocast_enabled("cpu")
        and x.ndim == 5
        and x.numel() > 0
        and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    )


def conv_transpose(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    window: Window,
    padding: Sequence[int] | None,
    shape: Sequence[int],
) -> Tensor:
    """Transposed convolution of (B, C, *grid) onto a grid of ``shape``, weight (C, D, *kernel)."""
    given = padding is not None
    padding = window.phase if padding is None else padding
    base = [
        (n - 1) * s - 2 * p + d * (k - 1) + 1
        for n, s, p, d, k in zip(
            x.shape[2:], window.stride, padding, window.dilation, window.kernel, strict=True
        )
    ]
    extra = [side - own for side, own in zip(shape, base, strict=True)]
    # An even kernel may overhang the target by the one cell its forward twin was padded with.
    least = 0 if given else -1
    limits = [max(s, d) for s, d in zip(window.stride, window.dilation, strict=True)]
    if any(not least <= e < limit for e, limit in zip(extra, limits, strict=True)):
        raise InputError(
            f"a transposed convolution with stride {window.stride} takes {tuple(x.shape[2:])} to "
            f"{tuple(base)} cells, wanted {tuple(shape)}; give the map that was strided as 'like'"
        )
    output_padding = tuple(max(e, 0) for e in extra)
    op = _CONV_TRANSPOSE[x.ndim - 3]
    out: Tensor = op(
        x, weight, bias, window.stride, tuple(padding), output_padding, 1, window.dilation
    )
    return _cropped(out, shape)


def max_pool(x: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    """Maxima (B, C, *coarse) and their flat places in the grid, int64 of the same shape."""
    padded, low = _covered(x, window, float("-inf"))
    pool = _MAX_POOL[x.ndim - 3]
    out, index = pool(padded, window.kernel, window.stride, low, return_indices=True)
    if padded is x:
        return out, index
    flat = index.new_zeros(index.shape)
    weight = 1
    for side, wide in zip(reversed(x.shape[2:]), reversed(padded.shape[2:]), strict=True):
        flat += index % wide * weight
        index = index // wide
        weight *= side
    return out, flat


def max_unpool(x: Tensor, indices: Tensor, shape: Sequence[int]) -> Tensor:
    """Zeros (B, C, *shape) with the values of ``x`` at flat places of the grid."""
    out = x.new_zeros(*x.shape[:2], *shape).flatten(2)
    return out.scatter(2, indices.flatten(2), x.flatten(2)).view(*x.shape[:2], *shape)


def avg_pool(x: Tensor, window: Window) -> Tensor:
    """Sums over windows divided by the kernel's volume, (B, C, *coarse)."""
    padded, low = _covered(x, window, 0.0)
    out: Tensor = _AVG_POOL[x.ndim - 3](padded, window.kernel, window.stride, low)
    return out


def avg_unpool(x: Tensor, stride: Sequence[int], shape: Sequence[int]) -> Tensor:
    """Every cell of ``shape`` takes the value of the coarse cell it lies in."""
    for axis, step in enumerate(stride, start=2):
        x = x.repeat_interleave(step, dim=axis)
    return _cropped(x, shape)


def _covered(x: Tensor, window: Window, value: float) -> tuple[Tensor, tuple[int, ...]]:
    """The input, padded where symmetric padding does not do, and the padding still to apply.

    The output is to have ``ceil(n / stride)`` cells, the first seeing ``phase`` cells of padding.
    """
    pads = []
    below, above = window.reach()
    for n, step, low, high in zip(x.shape[2:], window.stride, below, above, strict=True):
        last = (n - 1) // step * step
        pads.append((low, max(last + high + 1 - n, 0)))
    # Padding above what is needed is harmless while it adds no window.
    symmetric = all(
        (n + low - high - 1) // step == (n - 1) // step
        for n, step, low, high in zip(x.shape[2:], window.stride, below, above, strict=True)
    )
    if symmetric:
        return x, window.phase
    flat = [side for pair in reversed(pads) for side in pair]
    return F.pad(x, flat, value=value), (0,) * len(pads)


def _cropped(x: Tensor, shape: Sequence[int]) -> Tensor:
    for axis, side in enumerate(shape, start=2):
        x = x.narrow(axis, 0, side)
    return x
