"""Precision: the faster one is picked, once, and a process may change it between runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from volseg.builders import precision
from volseg.builders.precision import channels_last, pick_precision, start_accelerator
from volseg.nn import UNet

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Each test measures anew, and leaves no made-up measure behind."""
    pick_precision.cache_clear()
    yield
    pick_precision.cache_clear()


@pytest.mark.parametrize(
    ("half", "wanted"), [(0.3, "bf16"), (0.79, "bf16"), (0.81, "no"), (1.0, "no"), (5.0, "no")]
)
def test_half_precision_has_to_be_clearly_faster(
    monkeypatch: pytest.MonkeyPatch, half: float, wanted: str
) -> None:
    monkeypatch.setattr(precision, "_seconds", lambda nd, is_half: half if is_half else 1.0)
    assert pick_precision(CPU, 3) == wanted


def test_a_machine_busy_for_a_moment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([9.0, 9.0, 9.0, 0.5, 1.0, 9.0] + [9.0, 9.0] * precision.TRIES)
    monkeypatch.setattr(precision, "_seconds", lambda nd, is_half: next(times))
    assert pick_precision(CPU, 3) == "bf16"


@pytest.mark.parametrize("nd", [2, 3])
def test_every_run_of_a_process_gets_the_same(nd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = pick_precision(CPU, nd)
    assert found in ("bf16", "no")
    monkeypatch.setattr(precision, "_seconds", lambda *_: pytest.fail("measured again"))
    assert pick_precision(CPU, nd) == found


@pytest.mark.parametrize(("has", "wanted"), [(True, "bf16"), (False, "fp16")])
def test_a_gpu_takes_the_half_it_has(
    monkeypatch: pytest.MonkeyPatch, has: bool, wanted: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has)
    assert pick_precision(torch.device("cuda"), 3) == wanted


def test_accelerators_take_the_precision_asked_for() -> None:
    for wanted, found in (("bf16", "bf16"), ("no", "no"), ("bf16", "bf16"), (None, "no")):
        accelerator = start_accelerator(CPU, wanted)  # type: ignore[arg-type]
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
