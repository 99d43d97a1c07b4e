"""Products of tall matrices with small ones, by the quicker of torch's two libraries on a CPU.

In single precision torch multiplies matrices with MKL, which keeps to 256-bit instructions on
some processors where oneDNN, which torch convolves with, uses all 512 bits.
A convolution of kernel 1 over rows in a line is the same product, with the same bits for any
number of threads; oneDNN's gradient of its weight is not, and is left alone.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

WIDE = 64
"""Channels on both sides from which oneDNN's quicker product outweighs its costlier call."""
TALL = 512
"""Rows from which it does (both measured)."""

# Dilation means nothing to a kernel of 1, but has torch choose oneDNN on one thread also.
DILATION = 2


def product(rows: Tensor, matrix: Tensor, *, out: Tensor | None = None) -> Tensor:
    """``rows @ matrix``, in ``out`` if given: (P, C), (C, D), (P, D), contiguous, one dtype."""
    if not _suits_onednn(rows, matrix.shape[1]):
        return torch.mm(rows, matrix, out=out)
    line = F.conv2d(_as_line(rows), matrix.t()[:, :, None, None], dilation=DILATION)
    products = line[0, :, :, 0].t()
    return products if out is None else out.copy_(products)


def _suits_onednn(rows: Tensor, other: int) -> bool:
    return (
        rows.dtype == torch.float32
        and rows.device.type == "cpu"
        and len(rows) >= TALL
        and min(rows.shape[1], other) >= WIDE
        and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    )


def _as_line(rows: Tensor) -> Tensor:
    """Rows (P, C) as an image (1, C, P, 1) with channels last."""
    return rows[None, :, None].permute(0, 3, 1, 2)
