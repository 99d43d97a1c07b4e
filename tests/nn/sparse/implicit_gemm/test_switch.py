"""The room is entered only where it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from volseg.nn.sparse import implicit_gemm, kernel
from volseg.nn.sparse.implicit_gemm import switch
from volseg.nn.sparse.pairs import Pairs


class OnGpu:
    """What the switch looks at in features on a GPU."""

    is_cuda = True
    device = torch.device("cuda", 0)

    def __init__(self, dtype: torch.dtype) -> None:
        self.dtype = dtype


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A GPU, Triton, and the switch."""
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 0))
    monkeypatch.setattr(switch, "find_spec", lambda name: object())
    monkeypatch.setenv("VOLSEG_TRITON", "1")
    return monkeypatch


def test_it_takes_what_its_kernels_can(gpu: pytest.MonkeyPatch) -> None:
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        assert implicit_gemm.takes(OnGpu(dtype))
    assert not implicit_gemm.takes(OnGpu(torch.float64))
    assert not implicit_gemm.takes(torch.zeros(2, 3))


def test_it_takes_nothing_unasked(gpu: pytest.MonkeyPatch) -> None:
    for other in ("", "0", "true"):
        gpu.setenv("VOLSEG_TRITON", other)
        assert not implicit_gemm.takes(OnGpu(torch.float32))
    gpu.delenv("VOLSEG_TRITON")
    assert not implicit_gemm.takes(OnGpu(torch.float32))


def test_it_takes_nothing_without_triton_or_tensor_cores(gpu: pytest.MonkeyPatch) -> None:
    gpu.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    assert not implicit_gemm.takes(OnGpu(torch.float32))
    gpu.setattr(torch.cuda, "get_device_capability", lambda device: (8, 0))
    gpu.setattr(switch, "find_spec", lambda name: None)
    assert not implicit_gemm.takes(OnGpu(torch.float32))


def test_a_convolution_goes_where_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    features, weight = torch.ones(1, 2), torch.ones(1, 2, 3)
    pairs = Pairs(torch.zeros(1, 1, dtype=torch.int32), 1, mirrored=False)
    assert kernel.convolve(features, weight, pairs).tolist() == [[2, 2, 2]]
    monkeypatch.setattr(implicit_gemm, "takes", lambda features: True)
    monkeypatch.setattr(implicit_gemm, "convolve", lambda *given: given)
    assert kernel.convolve(features, weight, pairs) == (features, weight, pairs)


def test_networks_import_without_triton() -> None:
    code = "import sys, volseg.nn; sys.exit('triton' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
