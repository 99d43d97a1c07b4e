"""U-Net and encoder-decoder: one network, one weight file, dense and sparse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from volseg.errors import InputError
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


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(InputError, match="strides name 1 sizes, wanted 2"):
        UNet(3, 1, 2, (4, 8, 16), strides=(2,))
    with pytest.raises(InputError, match="wanted at least one stage"):
        UNet(3, 1, 2, ())
    with pytest.raises(InputError, match="'plain' or 'residual'"):
        UNet(3, 1, 2, (4,), block="dense")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="'max' or 'average'"):
        EncoderDecoder(3, 1, 2, (4,), unpool="min")  # type: ignore[arg-type]


SUPERVISED = {
    "plain": lambda nd, many: UNet(nd, 3, 4, (4, 6, 8), norm="instance", supervised=many),
    "anisotropic": lambda nd, many: UNet(
        nd, 3, 4, (4, 6, 8), strides=((1,) + (2,) * (nd - 1), 3), supervised=many
    ),
}


@pytest.mark.parametrize("name", SUPERVISED)
@pytest.mark.parametrize("many", [0, 1, 2])
@nds
def test_supervised_stages_speak_while_training_alone(
    make_voxels, at, name: str, nd: int, many: int
) -> None:
    torch.manual_seed(0)
    shape = (9, 7, 6)[:nd]
    x = make_voxels(shape, occupancy=1.0)
    net = SUPERVISED[name](nd, many).double()
    tensor = x.dense(shape)
    whole = net.train()(tensor)
    if many == 0:
        assert whole.shape == (2, 4, *shape)
    else:
        strides = {"plain": [2, 2], "anisotropic": [[1] + [2] * (nd - 1), 3]}[name]
        grid = torch.tensor(shape)
        for level, logits in enumerate(whole):
            assert logits.shape == (2, 4, *grid.tolist())
            if level < many:
                step = torch.tensor(strides[level])
                grid = -(-grid // step)
        assert len(whole) == 1 + many
        for dense, sparse in zip(whole, net(x), strict=True):
            torch.testing.assert_close(at(dense, sparse), sparse.features)
    logits = net.eval()(tensor)
    assert logits.shape == (2, 4, *shape)
    torch.testing.assert_close(net(x).features, at(logits, x))


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_heads_are_all_that_supervision_adds_and_all_learn(make_voxels, kind: str) -> None:
    x = make_voxels((9, 7), occupancy=1.0)
    plain, deep = (UNet(2, 3, 4, (4, 6, 8), supervised=many).double() for many in (0, 2))
    extra = deep.state_dict().keys() - plain.state_dict().keys()
    shapes = {tuple(deep.state_dict()[key].shape) for key in extra}
    assert shapes == {(4, 6), (4, 8), (4,)}
    deep.load_state_dict(plain.state_dict(), strict=False)
    torch.testing.assert_close(
        deep.eval()(x.dense((9, 7))), plain.eval()(x.dense((9, 7))), rtol=0, atol=0
    )
    outputs = deep.train()(x.dense((9, 7)) if kind == "dense" else x)
    parts = outputs if kind == "dense" else [one.features for one in outputs]
    sum(one.square().sum() for one in parts).backward()
    assert all(bool(one.grad.abs().sum() > 0) for one in deep.parameters())


@pytest.mark.parametrize("many", [-1, 3])
def test_no_more_stages_are_supervised_than_there_are(many: int) -> None:
    with pytest.raises(InputError, match=f"{many} supervised stages of 2"):
        UNet(2, 1, 2, (4, 6, 8), supervised=many)
