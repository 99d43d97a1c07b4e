"""Where a model computes."""

from __future__ import annotations

import torch

from volseg.errors import InputError


def pick_device(name: str) -> torch.device:
    """``cpu``, ``cuda``, or with ``auto`` the GPU where there is one.

    Raises:
        InputError: if a GPU is asked for and torch sees none.
    """
    if name not in ("cpu", "cuda", "auto"):
        raise InputError(f"device {name!r} is unknown; wanted cpu, cuda or auto")
    seen = torch.cuda.is_available()
    if name == "cuda" and not seen:
        raise InputError(
            "torch sees no CUDA GPU here; use --device cpu, or install torch's CUDA build"
        )
    return torch.device("cuda" if seen and name != "cpu" else "cpu")
