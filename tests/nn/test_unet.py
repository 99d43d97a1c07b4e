"""U-Nets: supervised stages, sums over stages, and arguments that do not fit."""

from __future__ import annotations

import pytest
import torch

from volseg.errors import InputError
from volseg.nn import UNet
from volseg.nn.receptive import receptive_field

nds = pytest.mark.parametrize("nd", [1, 2, 3])


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(InputError, match="strides name 1 sizes, wanted 2"):
        UNet(3, 1, 2, (4, 8, 16), strides=(2,))
    with pytest.raises(InputError, match="wanted at least one stage"):
        UNet(3, 1, 2, ())
    with pytest.raises(InputError, match="'plain' or 'residual'"):
        UNet(3, 1, 2, (4,), block="dense")  # type: ignore[arg-type]


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


class TestPyramid:
    @pytest.mark.parametrize("many", [0, 1])
    @nds
    def test_last_channels_are_sums_over_stages(self, make_voxels, at, nd: int, many: int) -> None:
        torch.manual_seed(0)
        shape = (9, 7, 6)[:nd]
        x = make_voxels(shape, occupancy=1.0)
        net = UNet(nd, 3, 5, (4, 6, 8), strides=(3, 2), pyramid=2, supervised=many).double()
        fine = net.eval()(x.dense(shape))
        assert (fine[:, 3:] == 0).all()  # at first
        with torch.no_grad():
            for number, layer in enumerate(net.pyramid):
                layer.bias += 10.0**number
        logits = net(x.dense(shape))
        torch.testing.assert_close(logits[:, :3], fine[:, :3])
        torch.testing.assert_close(logits[:, 3:], torch.full_like(logits[:, 3:], 111.0))
        torch.testing.assert_close(net(x).features, at(logits, x))
        if many:
            coarser = net.train()(x.dense(shape))[1]
            torch.testing.assert_close(coarser[:, 3:], torch.full_like(coarser[:, 3:], 110.0))

    def test_of_more_channels_than_there_are(self) -> None:
        with pytest.raises(InputError, match="a pyramid of 4 of 3 channels"):
            UNet(2, 1, 3, (4, 6), pyramid=4)

    def test_sees_no_further_than_without(self, make_voxels) -> None:
        """Values of the coarsest stage spread where its cells lie, which are in sight already."""
        torch.manual_seed(0)
        net = UNet(1, 1, 3, (3, 3, 3), pyramid=1).double().eval()
        for weights in net.pyramid.parameters():
            torch.nn.init.normal_(weights)
        seen = receptive_field(net)
        assert seen is not None
        x = torch.randn(1, 1, 160, dtype=torch.float64, requires_grad=True)
        net(x)[0, :, 80].sum().backward()
        assert x.grad is not None
        touched = torch.nonzero(x.grad[0, 0])[:, 0]
        assert 80 - seen.below[0] <= int(touched.min())
        assert int(touched.max()) <= 80 + seen.above[0]
