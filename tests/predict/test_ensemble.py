"""An ensemble is the mean of its networks, over every mirrored view of what they see."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor, nn

from volseg.nn import UNet
from volseg.predict.ensemble import Ensemble

CPU = torch.device("cpu")


def net(seed: int, nd: int = 3) -> nn.Module:
    torch.manual_seed(seed)
    return UNet(nd, 1, 2, (4, 8), norm="instance")


def windows(*patch: int) -> Tensor:
    torch.manual_seed(9)
    return torch.randn(2, 1, *patch)


@pytest.fixture(autouse=True)
def still() -> object:
    with torch.inference_mode():
        yield


def test_the_mean_of_networks_in_whatever_order() -> None:
    nets, x = [net(seed) for seed in range(3)], windows(8, 8, 8)
    alone = [Ensemble([one], (8, 8, 8), device=CPU)(x) for one in nets]
    for order in itertools.permutations(nets):
        made = Ensemble(order, (8, 8, 8), device=CPU)(x)
        torch.testing.assert_close(made, torch.stack(alone).mean(0))


@pytest.mark.parametrize("mirror", [(0,), (0, 2), (0, 1, 2)])
def test_what_is_mirrored_is_segmented_mirrored(mirror: tuple[int, ...]) -> None:
    ensemble = Ensemble([net(0)], (8, 8, 8), mirror=mirror, device=CPU)
    x = windows(8, 8, 8)
    assert len(ensemble.views) == 2 ** len(mirror)
    for axis in range(3):
        turned = ensemble(x.flip(2 + axis)).flip(2 + axis)
        assert torch.allclose(turned, ensemble(x), atol=1e-5) == (axis in mirror)


@pytest.mark.parametrize("flat", [0, 1, 2])
def test_a_network_of_slices_does_not_see_an_axis_of_side_1(flat: int) -> None:
    patch = tuple(1 if axis == flat else 8 for axis in range(3))
    plane, x = net(0, nd=2), windows(*patch)
    mirror = (0, 1, 2)
    made = Ensemble([plane], patch, mirror=mirror, device=CPU)(x)
    assert made.shape == (2, 2, *patch)
    same = Ensemble([plane], (8, 8, 1), mirror=mirror, device=CPU)(x.squeeze(2 + flat)[..., None])
    torch.testing.assert_close(made.squeeze(2 + flat), same[..., 0])
