"""Networks are built as their specs describe them."""

from __future__ import annotations

import pytest
import torch

from volseg.config import NetSpec
from volseg.models.nets import make_net
from volseg.nn import EncoderDecoder, UNet, Voxels


@pytest.mark.parametrize("nd", [2, 3])
@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        (NetSpec(widths=(4, 8)), UNet),
        (NetSpec(widths=(4,), block="plain", depth=2), UNet),
        (NetSpec(widths=(4, 8), depth=(1, 2), decoder_widths=(6,), decoder_depth=3), UNet),
        (NetSpec(kind="encoder_decoder", widths=(4, 8)), EncoderDecoder),
    ],
)
def test_a_net_takes_the_channels_and_gives_the_classes(nd: int, spec: NetSpec, kind: type) -> None:
    net = make_net(spec, nd=nd, in_channels=5, classes=3)
    assert isinstance(net, kind)
    assert net(torch.zeros(2, 5, *[8] * nd)).shape == (2, 3, *[8] * nd)
    cells = torch.cat((torch.zeros(4, 1), torch.arange(4)[:, None].expand(4, nd)), 1).long()
    assert net(Voxels.of(cells, torch.zeros(4, 5))).features.shape == (4, 3)
