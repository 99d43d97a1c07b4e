"""U-Net and encoder-decoder: one network, one weight file, dense and sparse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from volseg.nn import EncoderDecoder, UNet, Voxels

BUILDERS: dict[str, Callable[[int], nn.Module]] = {
    "plain": lambda nd: UNet(nd, 3, 4, (4, 6, 8)),
    "residual": lambda nd: UNet(nd, 3, 4, (4, 6, 8), block="residual", depth=2, norm="instance"),
    "decoder of its own": lambda nd: UNet(
        nd, 3, 4, (4, 6, 8), depth=(1, 3, 2), decoder_widths=(5, 7), decoder_depth=2
    ),
    "leaky": lambda nd: UNet(nd, 3, 4, (4,), activation="leaky_relu"),
    "anisotropic": lambda nd: UNet(
        nd, 3, 4, (4, 6, 8), kernels=((1,) + (3,) * (nd - 1), 3, 3),
        strides=((1,) + (2,) * (nd - 1), 3),
    ),
    "max": lambda nd: EncoderDecoder(nd, 3, 4, (4, 6, 8)),
    "average": lambda nd: EncoderDecoder(nd, 3, 4, (4, 6), unpool="average", strides=(3,)),
}  # fmt: skip
builders = pytest.mark.parametrize("name", BUILDERS)
nds = pytest.mark.parametrize("nd", [1, 2, 3])


@builders
@nds
def test_a_dense_weight_file_runs_sparse(
    make_voxels, at, tmp_path: Path, name: str, nd: int
) -> None:
    torch.manual_seed(0)
    shape = (9, 7, 5)[:nd]
    x = make_voxels(shape, occupancy=1.0, shuffled=True)
    tensor = x.dense(shape)
    trained = BUILDERS[name](nd).double()
    optimizer = torch.optim.SGD(trained.parameters(), lr=0.01)
    for _ in range(2):
        optimizer.zero_grad()
        trained(tensor).square().mean().backward(retain_graph=True)
        optimizer.step()
    torch.save(trained.state_dict(), tmp_path / "weights.pt")
    loaded = BUILDERS[name](nd).double()
    loaded.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    trained.eval()
    loaded.eval()
    wanted, found = trained(tensor), loaded(x)
    assert wanted.shape == (2, 4, *shape)
    assert found.sites is x.sites
    torch.testing.assert_close(found.features, at(wanted, x))


@builders
@nds
def test_every_parameter_learns_the_same_on_both_kinds(make_voxels, at, name: str, nd: int) -> None:
    torch.manual_seed(0)
    shape = (9, 7, 6)[:nd]
    x = make_voxels(shape, occupancy=1.0)
    net = BUILDERS[name](nd).double()
    state = {key: value.clone() for key, value in net.state_dict().items()}
    grads = []
    for run in (lambda: at(net(x.dense(shape)), x), lambda: net(x).features):
        net.load_state_dict(state)
        net.zero_grad()
        run().square().sum().backward()
        grads.append([parameter.grad.clone() for parameter in net.parameters()])
    for dense, sparse in zip(*grads, strict=True):
        torch.testing.assert_close(sparse, dense, rtol=1e-6, atol=1e-9)
    assert all(bool(grad.abs().sum() > 0) for grad in grads[1])


@builders
def test_rows_and_batch_items_do_not_matter(make_voxels, name: str) -> None:
    net = BUILDERS[name](3).double().eval()
    x = make_voxels((9, 8, 7), occupancy=0.3, batch=3)
    logits = net(x).features
    order = torch.randperm(len(x))
    shuffled = net(Voxels.of(x.coords[order], x.features[order], 3)).features
    torch.testing.assert_close(shuffled, logits[order])
    alone = x.coords[:, 0] == 1
    coords = x.coords[alone] - torch.tensor([1, 0, 0, 0])
    torch.testing.assert_close(net(Voxels.of(coords, x.features[alone])).features, logits[alone])


@builders
@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize("training", [True, False])
def test_none_and_one_voxel(name: str, rows: int, training: bool) -> None:
    net = BUILDERS[name](3).train(training)
    x = Voxels.of(torch.full((rows, 4), 0), torch.randn(rows, 3), 1)
    logits = net(x).features
    logits.sum().backward()
    assert logits.shape == (rows, 4)
    assert logits.isfinite().all()


@builders
def test_autocast_runs_both_kinds(make_voxels, at, name: str) -> None:
    torch.manual_seed(0)
    net = BUILDERS[name](2).train()
    x = make_voxels((9, 8), occupancy=1.0)
    x = x.with_features(x.features.detach().float())
    with torch.autocast("cpu", torch.bfloat16):
        sparse, dense = net(x).features, at(net(x.dense((9, 8))), x)
    assert sparse.dtype == dense.dtype == torch.bfloat16
    (sparse.float().square().mean() + dense.float().square().mean()).backward()
    assert all(bool(parameter.grad.isfinite().all()) for parameter in net.parameters())


def test_a_small_net_fits_a_small_scene() -> None:
    torch.manual_seed(0)
    coords = torch.nn.functional.pad((torch.rand(12, 12, 6) < 0.4).nonzero(), (1, 0))
    target = (coords[:, 1] + coords[:, 2] > 11).long()
    x = Voxels.of(coords, coords[:, 1:] / 12)
    net = UNet(3, 3, 2, (8, 16), block="residual")
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    for _ in range(30):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x).features, target).backward()
        optimizer.step()
    assert (net.eval()(x).features.argmax(dim=1) == target).float().mean() > 0.95
