"""Deep supervision: weights, and targets where the network's coarser cells are."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from volseg.errors import InputError
from volseg.nn import UNet, functional
from volseg.train.losses.compound import compound_loss
from volseg.train.losses.focal import cross_entropy
from volseg.train.losses.supervision import supervised


@pytest.fixture(autouse=True, scope="module")
def _seed() -> None:
    torch.manual_seed(0)


def sampled(target: Tensor, grids: Sequence[Sequence[int]]) -> list[Tensor]:
    """The targets the loss gets for logits of these grids."""
    seen: list[Tensor] = []

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        seen.append(targets)
        return logits.mean()

    supervised(loss)([torch.zeros(len(target), 2, *grid) for grid in grids], target)
    return seen


def coarser(side: int, strides: Sequence[int]) -> list[int]:
    sides = [side]
    for stride in strides:
        sides.append(-(-sides[-1] // stride))
    return sides


class TestWeights:
    @pytest.mark.parametrize(
        ("levels", "weights"), [(1, [1]), (2, [2 / 3, 1 / 3]), (3, [4 / 7, 2 / 7, 1 / 7])]
    )
    def test_halved_and_of_sum_one(self, levels: int, weights: list[float]) -> None:
        grids = [8, 4, 2][:levels]
        logits = [torch.randn(2, 3, n, requires_grad=True) for n in grids]
        total = supervised(lambda z, _: z.sum())(logits, torch.zeros(2, 8, dtype=torch.int64))
        for gradient, weight in zip(torch.autograd.grad(total, logits), weights, strict=True):
            torch.testing.assert_close(gradient, torch.full_like(gradient, weight))

    def test_the_sum_of_its_levels(self) -> None:
        logits = [torch.randn(2, 3, n, n) for n in (8, 4)]
        target = torch.randint(-1, 3, (2, 8, 8))
        coarse = F.interpolate(target[:, None].float(), size=(4, 4), mode="nearest-exact")
        wanted = 2 / 3 * compound_loss(logits[0], target)
        wanted += 1 / 3 * compound_loss(logits[1], coarse[:, 0].long())
        torch.testing.assert_close(supervised(compound_loss)(logits, target), wanted)

    def test_one_tensor_goes_straight_to_the_loss(self) -> None:
        logits, target = torch.randn(50, 3), torch.randint(-1, 3, (50,))
        wanted = cross_entropy(logits, target)
        assert torch.equal(supervised(cross_entropy)(logits, target), wanted)


class TestPlaces:
    @pytest.mark.parametrize("strides", [(2,), (3,), (4,), (2, 2), (2, 3), (3, 2), (2, 1, 2, 2)])
    def test_the_middle_of_what_the_network_sees(self, strides: tuple[int, ...]) -> None:
        # Means by the network's own strided convolutions of every cell's number: middles.
        side = 72
        middles = torch.arange(side, dtype=torch.float64).reshape(1, 1, -1)
        fine = middles.long()[0]
        targets = sampled(fine, [[n] for n in coarser(side, strides)])
        for stride, places in zip(strides, targets[1:], strict=True):
            mean = torch.full((1, 1, stride), 1 / stride, dtype=torch.float64)
            middles = functional.conv(middles, mean, None, stride=stride)
            inner = slice(1, -1)  # at the borders means are pulled by the padding
            wanted = torch.floor(middles[0, 0] + 0.5 + 1e-9).long()
            assert torch.equal(places[0, inner], wanted[inner])

    @given(st.integers(1, 60), st.lists(st.sampled_from([1, 2]), min_size=1, max_size=4))
    @settings(max_examples=100, deadline=None)
    def test_inside_their_cells_on_any_side(self, side: int, strides: list[int]) -> None:
        sides = coarser(side, strides)
        targets = sampled(torch.arange(side)[None], [[n] for n in sides])
        for level, (target, cells) in enumerate(zip(targets, sides, strict=True)):
            step = math.prod(strides[:level])
            assert torch.equal(target[0] // step, torch.arange(cells))

    @pytest.mark.parametrize("step", [2, 4, 8])
    def test_nearest_where_powers_of_two_divide(self, step: int) -> None:
        target = torch.randint(-1, 5, (2, 16, 24, 8))
        grids = [[n // s for n in (16, 24, 8)] for s in (1, 2, 4, 8) if s <= step]
        wanted = F.interpolate(target[:, None].float(), size=grids[-1], mode="nearest-exact")
        assert torch.equal(sampled(target, grids)[-1], wanted[:, 0].long())

    def test_flags_are_sampled_region_by_region(self) -> None:
        flags = torch.randint(-1, 2, (2, 3, 9, 12))
        grids = [(9, 12), (5, 12), (3, 6)]
        for region in range(3):
            alone = sampled(flags[:, region], grids)
            together = [one[:, region] for one in sampled(flags, grids)]
            assert all(map(torch.equal, alone, together))

    def test_grids_that_no_stride_makes(self) -> None:
        with pytest.raises(InputError, match="4 cells on an axis of 5"):
            sampled(torch.zeros(1, 5), [[5], [4]])
        with pytest.raises(InputError, match="6 cells on an axis of 5"):
            sampled(torch.zeros(1, 5), [[5], [6]])


class TestNetwork:
    def test_every_head_of_a_u_net_learns(self) -> None:
        net = UNet(3, 1, 3, (4, 4, 4, 4), strides=((2, 2, 1), 2, 2), supervised=2)
        logits = net.train()(torch.randn(2, 1, 9, 12, 5))
        loss = supervised(compound_loss)(logits, torch.randint(-1, 3, (2, 9, 12, 5)))
        loss.backward()  # type: ignore[no-untyped-call]
        for head in (net.head, *net.heads):
            assert all(p.grad is not None and (p.grad != 0).any() for p in head.parameters())
