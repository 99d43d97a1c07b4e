"""The layout of dense tensors changes where values lie, and no value."""

from __future__ import annotations

import pytest
import torch

from volseg.nn import UNet
from volseg.nn.layout import CHANNELS_LAST, channels_last


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_a_network_with_channels_last_is_the_same_network(nd: int) -> None:
    torch.manual_seed(0)
    net = UNet(nd, 3, 2, (4, 6)).eval()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    wanted = net(x := torch.randn(2, 3, *(8, 7, 6)[:nd]))
    assert channels_last(net, nd) is net
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    torch.testing.assert_close(net(x), wanted)
    for kernel in net.parameters():
        if kernel.ndim == nd + 2 and nd in CHANNELS_LAST:
            assert kernel.is_contiguous(memory_format=CHANNELS_LAST[nd])
