"""Which precision a machine trains fastest in."""

from __future__ import annotations

from typing import Literal

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import InitProcessGroupKwargs

from volseg.runs.processes import WAITING, require_gpus

Precision = Literal["float32", "bfloat16", "float16"]

ACCELERATE: dict[Precision, str] = {"float32": "no", "bfloat16": "bf16", "float16": "fp16"}
"""What accelerate calls them."""

BFLOAT16 = ("avx512_bf16", "amx_bf16", "bf16")
"""What torch calls a processor's instructions for bfloat16 products, on x86 and on ARM."""


def start_accelerator(device: torch.device, precision: Precision = "float32") -> Accelerator:
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
        mixed_precision=ACCELERATE[precision],
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
        has_bfloat16 = torch.cuda.is_bf16_supported(including_emulation=False)
        return "bfloat16" if has_bfloat16 else "float16"
    known: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return "bfloat16" if any(known.get(name, False) for name in BFLOAT16) else "float32"
