"""The switch: which features are convolved by the kernels of this room."""

from __future__ import annotations

import os
from importlib.util import find_spec

import torch
from torch import Tensor


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
