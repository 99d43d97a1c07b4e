"""Precision: the faster one is picked, once, and a process may change it between runs."""

from __future__ import annotations

import pytest
import torch

from volseg.nn import UNet
from volseg.nn.layout import channels_last
from volseg.runs.precision import Precision, pick_precision, start_accelerator

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("found", "wanted"),
    [({"avx512_bf16": True}, "bfloat16"), ({"bf16": True}, "bfloat16"), ({}, "float32")],
)
def test_a_cpu_takes_the_half_it_has_instructions_for(
    monkeypatch: pytest.MonkeyPatch, found: dict[str, bool], wanted: str
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True} | found)
    assert pick_precision(CPU) == wanted


@pytest.mark.parametrize(("has", "wanted"), [(True, "bfloat16"), (False, "float16")])
def test_a_gpu_takes_the_half_it_has(
    monkeypatch: pytest.MonkeyPatch, has: bool, wanted: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has)
    assert pick_precision(torch.device("cuda")) == wanted


def test_accelerators_take_the_precision_asked_for() -> None:
    words: tuple[tuple[Precision, str], ...] = (("bfloat16", "bf16"), ("float32", "no"))
    for wanted, found in (*words, *words):
        accelerator = start_accelerator(CPU, wanted)
        assert accelerator.mixed_precision == found
        assert accelerator.device == CPU


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_another_layout_keeps_the_values(nd: int) -> None:
    torch.manual_seed(0)
    net = UNet(nd, 2, 3, (4, 8), norm="instance").eval()
    x = torch.randn(2, 2, *(9, 7, 6)[:nd])
    before = net(x), {key: value.clone() for key, value in net.state_dict().items()}
    laid = channels_last(net, nd)
    torch.testing.assert_close(laid(x), before[0])
    assert all(torch.equal(before[1][key], value) for key, value in laid.state_dict().items())
    if nd > 1:
        layout = {2: torch.channels_last, 3: torch.channels_last_3d}[nd]
        weights = [one for one in laid.parameters() if one.ndim == nd + 2]
        assert weights
        assert all(one.is_contiguous(memory_format=layout) for one in weights)
