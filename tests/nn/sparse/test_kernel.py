from __future__ import annotations

import pytest
import torch

from volseg.nn import Voxels, functional
from volseg.nn.sparse import pairs


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (2, 2), (3, 2), (2, 1)])
@pytest.mark.parametrize("most", [7, 2**16])
def test_gradients_are_those_of_finite_differences(
    make_voxels, monkeypatch: pytest.MonkeyPatch, kernel: int, stride: int, most: int
) -> None:
    monkeypatch.setattr(pairs, "CPU_PAIRS", most)
    x = make_voxels((4, 4, 3), channels=2, batch=1)
    weight = torch.randn(3, 2, *[kernel] * 3, dtype=torch.float64, requires_grad=True)
    up = torch.randn(3, 2, *[kernel] * 3, dtype=torch.float64, requires_grad=True)

    def run(features, weight, up):
        y = functional.conv(x.with_features(features), weight, stride=stride)
        return functional.conv_transpose(y, up, stride=stride, like=x).features

    assert torch.autograd.gradcheck(run, (x.features, weight, up))


def test_pooling_gradients_are_those_of_finite_differences(make_voxels) -> None:
    x = make_voxels((4, 4, 3), channels=2)

    def run(features):
        y = x.with_features(features)
        highest, rows = functional.max_pool(y, 2)
        mean = functional.avg_pool(y, 3, 2)
        return (
            functional.max_unpool(functional.add(highest, mean), rows, like=x).features,
            functional.avg_unpool(mean, like=x).features,
        )

    assert torch.autograd.gradcheck(run, (x.features,))


@pytest.mark.parametrize("channels", [5, 64])
def test_single_precision_is_double_precision_rounded(make_voxels, channels: int) -> None:
    x = make_voxels((16, 16, 8), channels=channels)  # enough of them for the quicker product
    weight = torch.randn(96, channels, 3, 3, 3, dtype=torch.float64, requires_grad=True)
    results = []
    for dtype in (torch.float64, torch.float32):
        y = functional.conv(x.with_features(x.features.to(dtype)), weight.to(dtype)).features
        grads = torch.autograd.grad(y.square().sum(), (x.features, weight))
        results.append([each.double() for each in (y, *grads)])
    for exact, rounded in zip(*results, strict=True):
        assert (exact - rounded).abs().max() < 1e-5 * exact.abs().max()


@pytest.mark.parametrize("channels", [16, 64])
def test_runs_repeat_bit_by_bit_on_one_thread_and_two(channels: int) -> None:
    """But for gradients of weights: on some processors MKL cuts their long sums by threads."""
    rng = torch.Generator().manual_seed(0)
    coords = (torch.rand(1, 40, 40, 20, generator=rng) < 0.3).nonzero()
    features = torch.randn(len(coords), channels, generator=rng)
    weight = torch.randn(channels, channels, 3, 3, 3, generator=rng)
    before = torch.get_num_threads()

    def run(threads: int) -> list[torch.Tensor]:
        torch.set_num_threads(threads)
        x = Voxels.of(coords, features.clone().requires_grad_())
        w = weight.clone().requires_grad_()
        y = functional.conv(functional.conv(x, w), w, stride=2)
        y.features.square().sum().backward()
        return [y.features, x.features.grad, w.grad]

    try:
        alone, first, again = run(1), run(2), run(2)
        assert all(torch.equal(a, b) for a, b in zip(alone, run(1), strict=True))
        assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
        assert all(torch.equal(a, b) for a, b in zip(alone[:2], first[:2], strict=True))
        torch.testing.assert_close(first[2], alone[2], rtol=1e-5, atol=1e-5 * alone[2].abs().max())
    finally:
        torch.set_num_threads(before)


def test_autocast_computes_in_half_and_returns_whole_gradients(make_voxels) -> None:
    x = make_voxels((6, 6, 6), channels=8)
    single = x.with_features(x.features.detach().float().requires_grad_())
    weight = torch.randn(8, 8, 3, 3, 3, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        y = functional.conv(single, weight)
        z = functional.conv_transpose(
            functional.conv(y, weight, stride=2), weight, stride=2, like=y
        )
    assert y.features.dtype == z.features.dtype == torch.bfloat16
    plain = functional.conv(single, weight).features
    assert (y.features - plain).abs().max() < 0.02 * plain.abs().max()
    grads = torch.autograd.grad(y.features.float().square().sum(), (single.features, weight))
    wanted = torch.autograd.grad(plain.square().sum(), (single.features, weight))
    for own, other in zip(grads, wanted, strict=True):
        assert own.dtype == torch.float32
        assert (own - other).norm() < 0.02 * other.norm()
    with torch.autocast("cpu", torch.bfloat16):
        assert functional.conv(x, weight.double()).features.dtype == torch.float64
