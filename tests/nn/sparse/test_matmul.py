from __future__ import annotations

import pytest
import torch

from volseg.nn.sparse.matmul import TALL, WIDE, product


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("inside", [1, WIDE, WIDE + 33])
@pytest.mark.parametrize("outside", [3, WIDE])
@pytest.mark.parametrize("count", [0, 1, TALL + 5])
def test_products_are_those_of_matrices(
    dtype: torch.dtype, inside: int, outside: int, count: int
) -> None:
    rng = torch.Generator().manual_seed(0)
    # Whole numbers this small multiply without rounding in every precision.
    rows = torch.randint(-1, 2, (count, inside), generator=rng)
    matrix = torch.randint(-1, 2, (inside, outside), generator=rng)
    wanted = (rows @ matrix).to(dtype)
    out = torch.empty(count, outside, dtype=dtype)
    product(rows.to(dtype), matrix.to(dtype), out=out)
    assert torch.equal(out, wanted)
    assert torch.equal(product(rows.to(dtype), matrix.to(dtype)), wanted)
