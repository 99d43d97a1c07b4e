"""Sparse convolution on CUDA by Triton: a masked implicit GEMM.

Target rows are sorted by which taps they have (`tiles`), and a tile of rows multiplies only the
taps that one of its rows has (`kernels`). Importing this room does not import Triton.

The kernels have been verified in Triton's interpreter and compiled, but never run on a GPU, so
the plain-torch kernel stays the default: set the environment variable ``VOLSEG_TRITON=1`` to
use these.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

import torch
from torch import Tensor

from volseg.nn.sparse.implicit_gemm.convolution import convolve

__all__ = ["convolve", "takes"]


def takes(features: Tensor) -> bool:
    """Whether features (N, C) are to be convolved here.

    They are where the switch is on, Triton is installed, and the features stand on a CUDA GPU
    for which Triton uses tensor cores (compute capability 8.0).
    """
    return (
        features.is_cuda
        and features.dtype in (torch.float32, torch.float16, torch.bfloat16)
        and os.environ.get("VOLSEG_TRITON") == "1"
        and find_spec("triton") is not None
        and torch.cuda.get_device_capability(features.device) >= (8, 0)
    )
