from __future__ import annotations

import pytest
import torch
from torch import nn

from volseg.errors import InputError
from volseg.nn import Conv, Linear, Norm


def test_initial_weights_keep_the_scale_of_rectified_signals() -> None:
    torch.manual_seed(0)
    layer = Conv(3, 32, 64, 3)
    assert layer.weight.std().item() == pytest.approx((2 / (32 * 27)) ** 0.5, rel=0.02)
    assert layer.bias.count_nonzero() == 0


def test_linear_has_the_parameters_of_torchs_own() -> None:
    own = nn.Linear(3, 5)
    ours = Linear(3, 5)
    ours.load_state_dict(own.state_dict())
    x = torch.randn(2, 3, 4, 6)
    torch.testing.assert_close(ours(x), own(x.movedim(1, -1)).movedim(-1, 1))


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(InputError, match="'batch' or 'instance'"):
        Norm(2, 3, "group")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="has 2 axes, wanted 3"):
        Conv(3, 1, 1, (3, 3))
    with pytest.raises(InputError, match="the map has 2 axes, wanted 3"):
        Norm(3, 4)(torch.zeros(1, 4, 2, 2))


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_layers_equal_torchs_own(nd: int, kernel: int, stride: int) -> None:
    from volseg.nn import Conv, ConvTranspose

    own = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[nd - 1](
        2, 4, kernel, stride, padding=kernel // 2
    ).double()
    ours = Conv(nd, 2, 4, kernel, stride).double()
    ours.load_state_dict(own.state_dict())
    x = torch.randn(2, 2, *(9, 8, 7)[:nd], dtype=torch.float64)
    y = own(x)
    torch.testing.assert_close(ours(x), y)

    up = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[nd - 1](
        4, 2, kernel, stride, padding=kernel // 2
    ).double()
    ours_up = ConvTranspose(nd, 4, 2, kernel, stride).double()
    ours_up.load_state_dict(up.state_dict())
    torch.testing.assert_close(ours_up(y, like=x), up(y, output_size=x.shape[2:]))
