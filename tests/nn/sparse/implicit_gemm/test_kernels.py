"""The kernels compile for GPUs, whether or not one is here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("triton", reason="Triton is not installed; it has wheels for Linux")

SMALLEST_SHARED_MEMORY = 99 * 1024
"""Bytes a block of threads may have on every GPU from compute capability 8.0 on."""


@pytest.mark.parametrize("capability", [80, 90])
def test_kernels_compile_and_use_tensor_cores_for_halves_only(
    tmp_path: Path, capability: int
) -> None:
    script = Path(__file__).with_name("compiled.py")
    paths = [str(Path(__file__).parents[4]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {
        "TRITON_INTERPRET": "0",
        "TRITON_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(paths),
    }
    done = subprocess.run(
        [sys.executable, script, str(capability)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 6
    for line in lines:
        assert line["tensor_cores"] == (line["dtype"] != "fp32")
        assert line["shared"] <= SMALLEST_SHARED_MEMORY
        assert line["binary"] > 0
