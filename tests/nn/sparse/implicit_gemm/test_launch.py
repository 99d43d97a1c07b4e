"""How the kernels are launched changes no sum."""

from __future__ import annotations

import pytest
import torch

from volseg.nn.sparse.implicit_gemm.tiles import tiles_of

triton = pytest.importorskip("triton", reason="Triton is not installed; it has wheels for Linux")
if not torch.cuda.is_available() and not triton.knobs.runtime.interpret:
    pytest.skip("no GPU, and Triton was imported without its interpreter", allow_module_level=True)


@pytest.mark.parametrize("programs", [1, 30, 10**6])
def test_any_number_of_splits_gives_the_weights_gradient(
    make_pairs, device: str, monkeypatch: pytest.MonkeyPatch, programs: int
) -> None:
    from volseg.nn.sparse.implicit_gemm import launch

    monkeypatch.setattr(launch, "PROGRAMS", programs)
    pairs = make_pairs((16, 16), 3, occupancy=0.9)
    rng = torch.Generator().manual_seed(0)
    features = torch.randn(pairs.sources, 6, generator=rng).to(device)
    grad = torch.randn(pairs.targets, 5, generator=rng).to(device)
    found = launch.weight_gradient(features, grad, tiles_of(pairs))
    for sources, matrix in zip(pairs.table, found, strict=True):
        target = (sources >= 0).nonzero().squeeze(1)
        wanted = features[sources[target].long()].t().double() @ grad[target].double()
        torch.testing.assert_close(matrix.double(), wanted, rtol=1e-5, atol=1e-4)
