"""Networks from their specs."""

from __future__ import annotations

from torch import nn

from volseg.config import NetSpec, ScanModelSpec, VolumeModelSpec
from volseg.data.scans.features import channels
from volseg.nn import EncoderDecoder, UNet


def build_net(spec: NetSpec, *, nd: int, in_channels: int, classes: int) -> nn.Module:
    """The network a spec describes, with fresh weights."""
    if spec.kind == "encoder_decoder":
        return EncoderDecoder(nd, in_channels, classes, spec.widths)
    return UNet(nd, in_channels, classes, **spec.model_dump(exclude={"kind"}))


def build_scan_net(spec: ScanModelSpec) -> nn.Module:
    """The network that takes a scan's voxels, with fresh weights."""
    width, classes = channels(spec.voxels.features), len(spec.labels.classes)
    return build_net(spec.net, nd=3, in_channels=width, classes=classes)


def build_volume_net(spec: VolumeModelSpec) -> nn.Module:
    """The network that takes a volume's patches, with fresh weights."""
    channels, classes = len(spec.images.channels), len(spec.labels.classes)
    return build_net(spec.net, nd=spec.nd, in_channels=channels, classes=classes)
