"""Which precision a machine trains fastest in."""

from __future__ import annotations

from typing import Literal

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import InitProcessGroupKwargs

from volseg.runs.processes import WAITING, require_gpus

Precision = Literal["no", "bf16", "fp16"]
"""As accelerate names mixed precision; ``no`` is float32 throughout."""

BFLOAT16 = ("avx512_bf16", "amx_bf16", "bf16")
"""What torch calls a processor's instructions for bfloat16 products, on x86 and on ARM."""


def start_accelerator(device: torch.device, precision: Precision | None = None) -> Accelerator:
    """An accelerator for a device and precision, whatever this process trained in before.

    Accelerate keeps one state a process, and refuses or silently takes over another precision.
    Where a launcher started several processes, it is one of them.

    Raises:
        InputError: if there are more processes here than GPUs.
    """
    require_gpus(device)
    AcceleratorState._reset_state(reset_partial_state=True)
    return Accelerator(
        cpu=device.type == "cpu",
        mixed_precision=precision,
        kwargs_handlers=[InitProcessGroupKwargs(timeout=WAITING)],
    )


def pick_precision(device: torch.device) -> Precision:
    """The precision to train dense networks in.

    On a GPU bfloat16, or float16 where it has none. On a CPU bfloat16 where there are
    instructions for it, which run a step of training about twice as fast (measured,
    docs/benchmarks.md), else float32. It is told from the processor, not timed: a
    run that is resumed, or spread over processes, must not change it.
    """
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    known: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return "bf16" if any(known.get(name, False) for name in BFLOAT16) else "no"
