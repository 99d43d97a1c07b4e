"""U-Nets: supervised stages, and arguments that do not fit."""

from __future__ import annotations

import pytest
import torch

from volseg.errors import InputError
from volseg.nn import UNet

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
