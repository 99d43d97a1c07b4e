"""What a network builds is built beforehand, is the same, and goes wherever the cells go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from volseg.nn import EncoderDecoder, UNet, Voxels
from volseg.nn.sparse.built import Built
from volseg.nn.sparse.pairs import GPU_PAIRS, Pairs
from volseg.nn.sparse.sites import Sites

NETS: dict[str, Callable[[], torch.nn.Module]] = {
    "u-net": lambda: UNet(3, 3, 2, (4, 8, 8)),
    "encoder-decoder": lambda: EncoderDecoder(3, 3, 2, (4, 8), unpool="average"),
}


def scene(seed: int, *, cells: int = 300) -> Voxels:
    random = torch.Generator().manual_seed(seed)
    coords = torch.randint(0, 12, (cells, 3), generator=random)
    batch = torch.randint(0, 2, (cells, 1), generator=random)
    coords = torch.unique(torch.cat((batch, coords), dim=1), dim=0)
    coords = coords[torch.randperm(len(coords), generator=random)]
    return Voxels.of(coords, torch.randn(len(coords), 3, generator=random), 2)


def learn(net: torch.nn.Module, x: Voxels) -> list[torch.Tensor]:
    """The output, and the gradient of every weight."""
    out: Any = net(x)
    net.zero_grad()
    out.features.square().sum().backward()
    return [out.features.detach(), *(each.grad.clone() for each in net.parameters())]


@pytest.mark.parametrize("name", NETS)
def test_nothing_is_left_to_build_and_all_is_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    net = NETS[name]()
    first, fresh, ready = scene(0), scene(1), scene(1)
    learn(net, first)
    wanted = learn(net, fresh)
    Built.on(first.sites).build(ready.sites, GPU_PAIRS)
    monkeypatch.setattr(Sites, "_coarsen", None)
    monkeypatch.setattr(Sites, "_build", None)
    monkeypatch.setattr(Pairs, "_cut", None)
    moved = Voxels(ready.sites.mapped(torch.clone), ready.features.clone())
    assert moved.sites.coords.data_ptr() != ready.sites.coords.data_ptr()
    for x in (ready, moved):
        for found, value in zip(learn(net, x), wanted, strict=True):
            torch.testing.assert_close(found, value)
    assert Built.on(moved.sites) == Built.on(ready.sites)


def test_what_is_built_is_counted_among_the_arrays() -> None:
    x = scene(0)
    bare = sum(values.nbytes for values in x.tensors())
    assert bare == x.features.nbytes + x.coords.nbytes + 8 * len(x)
    learn(NETS["u-net"](), x)
    assert sum(values.nbytes for values in x.tensors()) > 5 * bare
