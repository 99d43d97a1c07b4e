"""Registers the device ``sim`` with torch, built once for all tests; see device.cpp."""

from __future__ import annotations

import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.utils.backend_registration import (
    generate_methods_for_privateuse1_backend,
    rename_privateuse1_backend,
)

NAME = "sim"


def register(folder: Path) -> Any:
    """Build the device, where that was not done yet, and let torch know it.

    Args:
        folder: where what is compiled is kept.

    Returns:
        The module that counts: ``waits()``, ``operations()``, ``copies_in()``, ``reset()``.
    """
    from torch.utils.cpp_extension import load

    folder.mkdir(parents=True, exist_ok=True)
    counts = load(
        "volseg_simulated_device",
        [str(Path(__file__).with_name("device.cpp"))],
        extra_cflags=["-O0"],
        build_directory=str(folder),
    )
    rename_privateuse1_backend(NAME)
    counts.register_hooks()
    torch._register_device_module(NAME, _module())
    generate_methods_for_privateuse1_backend()
    _convolutions(counts)
    return counts


def _module() -> types.ModuleType:
    """What torch asks of ``torch.sim``."""
    answers: dict[str, Callable[..., Any]] = {
        "is_available": lambda: True,
        "device_count": lambda: 1,
        "current_device": lambda: 0,
        "set_device": lambda device: None,
        "_is_in_bad_fork": lambda: False,
        "manual_seed": lambda seed: None,
        "manual_seed_all": lambda seed: None,
        "get_rng_state": lambda *device: torch.get_rng_state(),
        "set_rng_state": lambda *state, **more: None,
        "get_amp_supported_dtype": lambda: [torch.bfloat16, torch.float16],
        "synchronize": lambda *device: None,
        "empty_cache": lambda: None,
    }
    module = types.ModuleType(f"torch.{NAME}")
    for name, answer in answers.items():
        setattr(module, name, answer)
    return module


def _convolutions(counts: Any) -> None:
    """Convolutions, which torch leaves to the device."""

    def only_ours(*tensors: torch.Tensor | None) -> None:
        if any(each is not None and each.device.type != NAME for each in tensors):
            raise RuntimeError("device mismatch in convolution")

    def forward(x: Any, weight: Any, bias: Any, *how: Any) -> torch.Tensor:
        only_ours(x, weight, bias)
        counted = counts.count(False)
        here = (None if each is None else each.cpu() for each in (x, weight, bias))
        out = torch.convolution(*here, *how).to(NAME)
        counts.count(counted)
        return out

    def backward(grad: Any, x: Any, weight: Any, *how: Any) -> tuple[Any, ...]:
        only_ours(grad, x, weight)
        *most, mask = how
        transposed = most[3]
        channels = [weight.shape[1] * most[5] if transposed else weight.shape[0]]
        counted = counts.count(False)
        here = (each.cpu() for each in (grad, x, weight))
        grads = torch.ops.aten.convolution_backward(*here, channels, *most, mask)
        moved = tuple(None if each is None else each.to(NAME) for each in grads)
        counts.count(counted)
        return moved

    library = torch.library.Library("aten", "IMPL")
    library.impl("convolution_overrideable", forward, "PrivateUse1")
    library.impl("convolution_backward_overrideable", backward, "PrivateUse1")
    _KEPT.append(library)


_KEPT: list[torch.library.Library] = []
"""What torch forgets when it is collected."""
