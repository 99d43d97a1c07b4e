"""The Triton kernels against a sum over taps in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from volseg.nn.sparse.implicit_gemm import convolve
from volseg.nn.sparse.pairs import Pairs

triton = pytest.importorskip("triton", reason="Triton is not installed; it has wheels for Linux")
if not torch.cuda.is_available() and not triton.knobs.runtime.interpret:
    pytest.skip("no GPU, and Triton was imported without its interpreter", allow_module_level=True)

Run = Callable[[Tensor, Tensor, Pairs], Tensor]
ERROR = {torch.float32: 1e-6, torch.float16: 1e-3, torch.bfloat16: 8e-3}


@pytest.fixture(autouse=True)
def numbers_of_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter keeps bfloat16 as integers and multiplies those: give it the numbers."""
    from triton.runtime.interpreter import InterpreterBuilder

    plain = InterpreterBuilder.create_dot
    wide = triton.language.float32

    def create_dot(self: Any, a: Any, b: Any, *rest: Any) -> Any:
        if a.dtype == triton.language.bfloat16:
            a, b = self.cast_impl(a, wide), self.cast_impl(b, wide)
        return plain(self, a, b, *rest)

    monkeypatch.setattr(InterpreterBuilder, "create_dot", create_dot)


def reference(features: Tensor, weight: Tensor, pairs: Pairs) -> Tensor:
    out = features.new_zeros(pairs.targets, weight.shape[2])
    for sources, matrix in zip(pairs.table, weight, strict=True):
        target = (sources >= 0).nonzero().squeeze(1)
        out = out.index_add(0, target, features[sources[target].long()] @ matrix)
    return out


def draw(pairs: Pairs, channels: tuple[int, int], dtype: torch.dtype) -> list[Tensor]:
    """Features, weights, and a gradient of the output."""
    rng = torch.Generator().manual_seed(0)
    shapes = (pairs.sources, channels[0]), (pairs.taps, *channels), (pairs.targets, channels[1])
    device = pairs.table.device
    return [torch.randn(one, generator=rng).to(device, dtype) for one in shapes]


def results(run: Run, pairs: Pairs, drawn: list[Tensor]) -> list[Tensor]:
    """The output, and the gradients of features and weights."""
    features, weight = (one.detach().requires_grad_() for one in drawn[:2])
    out = run(features, weight, pairs)
    return [out, *torch.autograd.grad(out, (features, weight), drawn[2])]


def check(pairs: Pairs, channels: tuple[int, int], dtype: torch.dtype = torch.float32) -> None:
    """The reference's values, but for what the dtype rounds."""
    drawn = draw(pairs, channels, dtype)
    exact = results(reference, pairs, [one.double() for one in drawn])
    for own, wanted in zip(results(convolve, pairs, drawn), exact, strict=True):
        assert own.dtype == dtype
        assert own.shape == wanted.shape
        assert (own.double() - wanted).norm() <= ERROR[dtype] * wanted.norm()


@pytest.mark.parametrize("channels", [(1, 1), (2, 16), (17, 3), (33, 65), (96, 32)])
def test_any_number_of_channels(make_pairs, channels: tuple[int, int]) -> None:
    check(make_pairs((12, 12), 3), channels)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_256_channels(make_pairs, dtype: torch.dtype) -> None:
    check(make_pairs((40,), 3), (256, 255), dtype)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("channels", [(1, 20), (40, 24)])
def test_half_precision_sums_in_whole(
    make_pairs, dtype: torch.dtype, channels: tuple[int, int]
) -> None:
    check(make_pairs((12, 12), 3), channels, dtype)


@pytest.mark.parametrize(
    ("shape", "kernel", "stride"),
    [((5, 5, 5), 3, 1), ((14, 14), 2, 2), ((14, 14), 3, 2), ((12, 12), 2, 1), ((12, 12), 1, 1)],
)
@pytest.mark.parametrize("transposed", [False, True])
def test_any_kernel_map(
    make_pairs, shape: tuple[int, ...], kernel: int, stride: int, transposed: bool
) -> None:
    pairs = make_pairs(shape, kernel, stride)
    check(pairs.reverse if transposed else pairs, (5, 7))


def test_more_taps_than_a_key_has_digits(make_pairs) -> None:
    pairs = make_pairs((9, 9), 9)
    assert pairs.taps > 62
    check(pairs, (4, 4))


@pytest.mark.parametrize(("targets", "sources"), [(0, 0), (0, 4), (1, 0), (1, 1), (65, 2)])
@pytest.mark.parametrize("mirrored", [False, True])
def test_few_rows_or_none(device: str, targets: int, sources: int, mirrored: bool) -> None:
    table = torch.full((3, targets), -1, dtype=torch.int32, device=device)
    if mirrored:
        sources = targets
        table[1] = torch.arange(targets)
    elif sources:
        table[2, :sources] = torch.arange(min(targets, sources))
    check(Pairs(table, sources, mirrored), (3, 2))


def test_runs_repeat_bit_by_bit(make_pairs) -> None:
    pairs = make_pairs((12, 12), 3)
    drawn = draw(pairs, (20, 20), torch.float32)
    first = results(convolve, pairs, drawn)
    for own, other in zip(results(convolve, pairs, drawn), first, strict=True):
        assert torch.equal(own, other)


def test_taps_that_no_row_of_a_tile_has_are_not_read(device: str) -> None:
    # The rows of a tile see tap 0 only, so that what stands in tap 1 cannot reach them.
    table = torch.full((2, 128), -1, dtype=torch.int32, device=device)
    table[0, :64] = torch.arange(64)
    table[1, 64:] = torch.arange(64)
    weight = torch.ones(2, 1, 1, device=device)
    weight[1] = float("nan")
    out = convolve(torch.ones(64, 1, device=device), weight, Pairs(table, 64, mirrored=False))
    assert torch.equal(out.isnan(), torch.arange(128, device=device).unsqueeze(1) >= 64)
