"""Memory: sizes as people write them, what autograd keeps, and what a block takes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.nn import UNet
from volseg.plan import memory
from volseg.plan.memory import Cost, cost, default_budget, parse_bytes, peak

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8GB", 8 * 10**9),
        ("6GiB", 6 * 2**30),
        ("8G", 8 * 10**9),
        ("1.5 gb", 1_500_000_000),
        ("500MiB", 500 * 2**20),
        ("2tb", 2 * 10**12),
        ("4096", 4096),
        ("10kB", 10_000),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1GB", "0", "0.1B", "8 GBs", "1e9", "8 i", "nan"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no size; wanted one such as 8GB"):
        parse_bytes(text)


def test_the_default_leaves_room(monkeypatch: pytest.MonkeyPatch) -> None:
    for free, wanted in ((10**9, 6 * 10**8), (10**12, memory.LARGEST_BUDGET)):
        told = type("Free", (), {"available": free})
        monkeypatch.setattr(memory.psutil, "virtual_memory", lambda told=told: told)
        assert default_budget(CPU) == wanted


def unet(nd: int, widths: tuple[int, ...], device: str) -> UNet:
    with torch.device(device):
        return UNet(nd, 2, 3, widths, norm="instance", activation="leaky_relu", supervised=1)


def kept(net: UNet, shape: tuple[int, ...]) -> int:
    """Numbers that autograd really keeps for the backward pass, weights aside."""
    tensors: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        tensors[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        out = net(torch.zeros(shape))
    del out
    weights = {one.untyped_storage().data_ptr() for one in net.parameters()}
    return sum(one.numel() for place, one in tensors.items() if place not in weights)


class TestCost:
    @pytest.mark.parametrize(
        ("nd", "widths", "patch"),
        [(3, (4, 8, 16), (16, 8, 24)), (2, (4, 8, 8, 8), (64, 32)), (2, (8, 16), (20, 20))],
    )
    def test_foretells_what_autograd_keeps(
        self, nd: int, widths: tuple[int, ...], patch: tuple[int, ...]
    ) -> None:
        sides = [8 * 2 ** (len(widths) - 1)] * nd
        found = cost(unet(nd, widths, "meta"), 2, 3, widths[0], sides, half=False)
        beside = 4 * memory.PASSING_MAPS * widths[0] + 3 * memory.LOGIT_BYTES
        cells = 2 * int(np.prod(patch))
        real = 4 * kept(unet(nd, widths, "cpu"), (2, 2, *patch))
        assert (found.voxel - beside) * cells == pytest.approx(real, rel=0.03)

    def test_counts_weights(self) -> None:
        net = unet(3, (4, 8), "meta")
        found = cost(net, 2, 3, 4, (4, 4, 4), half=True)
        assert found.fixed == memory.WEIGHT_BYTES * sum(p.numel() for p in net.parameters())

    def test_half_precision_halves_activations(self) -> None:
        one, two = (
            cost(unet(2, (4, 8), "meta"), 2, 3, 4, (8, 8), half=half).voxel
            for half in (True, False)
        )
        logits = 3 * memory.LOGIT_BYTES
        assert two - logits == 2 * (one - logits)

    @settings(deadline=None)
    @given(st.integers(0, 10**9), st.floats(1, 1e4), st.integers(1, 10**8))
    def test_is_linear(self, fixed: int, voxel: float, voxels: int) -> None:
        found = Cost(fixed, voxel)
        assert found.of(0) == fixed
        assert found.of(2 * voxels) - found.of(voxels) == pytest.approx(voxel * voxels, abs=2)


def test_the_peak_is_seen_although_it_passes() -> None:
    size = 200 * 2**20
    with peak(CPU) as grown:
        passing = np.ones(size, np.uint8)
        for _ in range(20):
            passing += 1  # long enough to be seen
        del passing
    assert size * 0.9 < grown[0] < size * 2


def test_an_error_ends_the_watch() -> None:
    with pytest.raises(ZeroDivisionError), peak(CPU):
        _ = 1 / 0
