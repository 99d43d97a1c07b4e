"""Networks from their specs."""

from __future__ import annotations

from torch import nn

from volseg.config import ModelSpec, NetSpec, ScanModelSpec, VolumeModelSpec
from volseg.data.objects import ObjectHead
from volseg.data.scans.features import channels
from volseg.nn import EncoderDecoder, UNet


def build_net(spec: NetSpec, *, nd: int, in_channels: int, classes: int) -> nn.Module:
    """The network a spec describes, with fresh weights."""
    if spec.kind == "encoder_decoder":
        return EncoderDecoder(nd, in_channels, classes, spec.widths)
    return UNet(nd, in_channels, classes, **spec.model_dump(exclude={"kind"}))


def build_scan_net(spec: ScanModelSpec) -> nn.Module:
    """The network that takes a scan's voxels, with fresh weights."""
    width = channels(spec.voxels.features)
    return build_net(spec.net, nd=3, in_channels=width, classes=output_channels(spec, 3))


def build_volume_net(spec: VolumeModelSpec) -> nn.Module:
    """The network that takes a volume's patches, with fresh weights."""
    width = len(spec.images.channels)
    return build_net(
        spec.net, nd=spec.nd, in_channels=width, classes=output_channels(spec, spec.nd)
    )


def output_channels(spec: ModelSpec, nd: int) -> int:
    """Channels of the last layer: one a class, and what a head that learns objects adds."""
    head = ObjectHead.of(spec.labels.label_map(), nd)
    return len(spec.labels.classes) if head is None else head.channels
