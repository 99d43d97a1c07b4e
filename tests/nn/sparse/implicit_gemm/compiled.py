"""``python compiled.py CAPABILITY``: compile both kernels, GPU or not; one line of JSON for each.

A process of its own, for an interpreted Triton cannot compile.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import triton
from triton.backends.compiler import GPUTarget

from volseg.nn.sparse.implicit_gemm import kernels
from volseg.nn.sparse.implicit_gemm.tiles import TILE

CONSTANTS = ("TILE", "BLOCK_C", "BLOCK_D")
VALUES = ("out", "features", "weight", "grad")
SIZES = ("C", "D", "TAPS", "TILES", "PLACES")


def compile_kernel(tuned: Any, dtype: str, blocks: tuple[int, int], capability: int) -> Any:
    """The machine code Triton makes of a kernel for channels that 16 divides."""
    function = tuned.fn
    kinds = dict.fromkeys(SIZES, "i32") | dict.fromkeys(CONSTANTS, "constexpr")
    kinds |= dict.fromkeys(VALUES, f"*{dtype}") | {"parts": "*fp32"}
    signature = {name: kinds.get(name, "*i32") for name in function.arg_names}
    aligned = [
        place
        for place, (name, kind) in enumerate(signature.items())
        if kind.startswith("*") or name in ("C", "D", "PLACES")
    ]
    source = triton.compiler.ASTSource(
        function,
        signature,
        constexprs=dict(zip(CONSTANTS, (TILE, *blocks), strict=True)),
        attrs={(place,): [["tt.divisibility", 16]] for place in aligned},
    )
    return triton.compile(source, target=GPUTarget("cuda", capability, 32))


def main(capability: int) -> None:
    for dtype, blocks in (("fp16", (64, 128)), ("bf16", (16, 16)), ("fp32", (32, 64))):
        for tuned in (kernels.gather_multiply, kernels.weight_gradient):
            made = compile_kernel(tuned, dtype, blocks, capability)
            ptx = made.asm["ptx"]
            line = {
                "dtype": dtype,
                "tensor_cores": "mma.sync" in ptx or "wgmma" in ptx,
                "shared": made.metadata.shared,
                "binary": len(made.asm["cubin"]),
            }
            print(json.dumps(line))  # noqa: T201


main(int(sys.argv[1]))
