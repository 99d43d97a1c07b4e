"""The face of the primitives: what does not fit is named, what is overwritten is asked for."""

from __future__ import annotations

import pytest
import torch

from volseg.errors import InputError
from volseg.nn import functional


def test_shapes_that_do_not_fit_are_named() -> None:
    x, weight = torch.zeros(1, 2, 5, 5), torch.zeros(2, 2, 2, 2)
    with pytest.raises(InputError, match="give the map that was strided"):
        functional.conv_transpose(x, weight, stride=2, like=torch.zeros(1, 1, 13, 10))
    with pytest.raises(InputError, match="wanted at least 1"):
        functional.conv(x, weight, stride=0)
    with pytest.raises(InputError, match="has 3 axes, wanted 2"):
        functional.conv(x, weight, stride=(1, 1, 1))
    with pytest.raises(InputError, match="2 channels, the weight wants 3"):
        functional.conv(x, torch.zeros(2, 3, 2, 2))
    with pytest.raises(InputError, match="axes of taps"):
        functional.conv(x, torch.zeros(2, 2, 2))
    with pytest.raises(InputError, match="smaller than its stride"):
        functional.max_pool(x, 2, 3)
    with pytest.raises(InputError, match="wanted \\(4, 4\\)"):
        functional.avg_unpool(x, like=torch.zeros(1, 2, 8, 8), stride=2)
    with pytest.raises(InputError, match="'relu' or 'leaky_relu'"):
        functional.activation(x, "tanh")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="indices have shape"):
        functional.max_unpool(x, torch.zeros(1, 2, 3, 3, dtype=torch.int64), like=x)


@pytest.mark.parametrize("kind", ["relu", "leaky_relu"])
def test_activation_in_place_overwrites_its_input_alone(make_voxels, kind: str) -> None:
    x = torch.randn(2, 3, 4, 5)
    before = x.clone()
    wanted = functional.activation(x, kind)  # type: ignore[arg-type]
    assert torch.equal(x, before)
    assert functional.activation(x, kind, inplace=True) is x  # type: ignore[arg-type]
    assert torch.equal(x, wanted)
    cells = make_voxels((4, 5))
    cells = cells.with_features(cells.features.detach())
    wanted = functional.activation(cells, kind).features  # type: ignore[arg-type]
    found = functional.activation(cells, kind, inplace=True).features  # type: ignore[arg-type]
    assert torch.equal(found, wanted)
    assert found is cells.features
