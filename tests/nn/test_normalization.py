"""Normalisation equals torch's own, on tensors in any layout and on voxels."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from volseg.nn import Norm, Voxels


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("kind", ["batch", "instance"])
@pytest.mark.parametrize("training", [True, False])
def test_norms_equal_torchs_own_on_both_kinds(
    make_voxels, at, nd: int, kind: str, training: bool
) -> None:
    shape = (5, 4, 3)[:nd]
    x = make_voxels(shape, occupancy=1.0, shuffled=True)
    if kind == "batch":
        own = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[nd - 1](3)
    else:
        own = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)[nd - 1](3, affine=True)
    nn.init.normal_(own.weight)
    nn.init.normal_(own.bias)
    ours = Norm(nd, 3, kind)
    ours.load_state_dict({k: v for k, v in own.state_dict().items() if "batches" not in k})
    sparse = Norm(nd, 3, kind)
    sparse.load_state_dict(ours.state_dict())
    for module in (own, ours, sparse):
        module.double().train(training)
    tensor = x.dense(shape)
    wanted = own(tensor)
    torch.testing.assert_close(ours(tensor), wanted)
    torch.testing.assert_close(sparse(x).features, at(wanted, x))
    for key, value in ours.state_dict().items():
        torch.testing.assert_close(value, own.state_dict()[key])
        torch.testing.assert_close(value, sparse.state_dict()[key])


def test_instances_are_normalised_on_their_own(make_voxels) -> None:
    x = make_voxels((6, 6), batch=3, shuffled=True)
    y = Norm(2, 3, "instance").double()(x)
    for item in range(3):
        rows = y.features[x.coords[:, 0] == item]
        torch.testing.assert_close(rows.mean(dim=0), torch.zeros(3).double())
        torch.testing.assert_close(
            rows.var(dim=0, unbiased=False), torch.ones(3).double(), atol=1e-3, rtol=0
        )


@pytest.mark.parametrize("kind", ["batch", "instance"])
@pytest.mark.parametrize("rows", [0, 1])
def test_norms_of_none_and_one_voxel_are_finite(kind: str, rows: int) -> None:
    norm = Norm(3, 2, kind)
    before = {key: value.clone() for key, value in norm.state_dict().items()}
    y = norm(Voxels.of(torch.zeros(rows, 4, dtype=torch.int64), torch.randn(rows, 2), 1))
    assert y.features.shape == (rows, 2)
    assert y.features.isfinite().all()
    assert all(torch.equal(before[key], value) for key, value in norm.state_dict().items())


@pytest.mark.parametrize("shape", [(7, 5), (6, 5, 4), (1, 1), (1, 1, 1), (1, 6), (3, 1, 1)])
@pytest.mark.parametrize("half", [False, True])
def test_instance_norm_is_the_same_in_channels_last(shape: tuple[int, ...], half: bool) -> None:
    torch.manual_seed(0)
    layout = {2: torch.channels_last, 3: torch.channels_last_3d}[len(shape)]
    norm = Norm(len(shape), 4, "instance")
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    plain = (3 + 2 * torch.randn(3, 4, *shape)).to(torch.bfloat16 if half else torch.float32)
    upstream = torch.randn(3, 4, *shape)
    found = []
    for kind, above in (
        (torch.contiguous_format, torch.contiguous_format),
        (layout, torch.contiguous_format),
        (layout, layout),
    ):
        x = plain.clone().to(memory_format=kind).requires_grad_()
        norm.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            y = norm(x)
        y.backward(upstream.to(y.dtype).to(memory_format=above))
        found.append((y.float(), x.grad.float(), norm.weight.grad, norm.bias.grad))
    near = {"rtol": 2e-2, "atol": 5e-2} if half else {"rtol": 1e-4, "atol": 1e-4}
    for one, *others in zip(*found, strict=True):
        for other in others:
            torch.testing.assert_close(other, one, **near)
    wanted = nn.functional.group_norm(plain.float(), 4, norm.weight, norm.bias)
    torch.testing.assert_close(found[1][0], wanted, **near)
