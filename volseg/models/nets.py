"""Networks from their specs."""

from __future__ import annotations

from copy import deepcopy

from torch import nn

from volseg.config import AnyModelSpec, NetSpec
from volseg.config.net import ENCODER_DECODER, OWN, UNET
from volseg.config.plugins import find_network
from volseg.data.objects import head_channels
from volseg.errors import InputError
from volseg.nn import EncoderDecoder, UNet
from volseg.nn.layout import channels_last


def build_net(spec: AnyModelSpec, net: nn.Module | None = None) -> nn.Module:
    """The network of a model of either kind, with fresh weights; of one's own ``net`` a copy.

    Raises:
        InputError: as `make_net`.
    """
    classes = output_channels(spec)
    made = make_net(spec.net, nd=spec.nd, in_channels=spec.in_channels, classes=classes, net=net)
    return channels_last(made, spec.nd) if spec.kind == "volume" else made


def make_net(
    spec: NetSpec, *, nd: int, in_channels: int, classes: int, net: nn.Module | None = None
) -> nn.Module:
    """The network a spec describes, with fresh weights; of a network of one's own a copy.

    Raises:
        InputError: if ``net`` is missing where the spec describes one's own, or given elsewhere.
    """
    if spec.kind == OWN:
        if net is None:
            raise InputError(
                f"the network is one of your own, {spec.import_path}, which is not imported by "
                "itself; pass it to vs.load, vs.segment or vs.train: net=..."
            )
        return deepcopy(net)
    if net is not None:
        raise InputError(f"the network is of kind {spec.kind}; leave out net")
    if spec.kind == UNET:
        return UNet(nd, in_channels, classes, **spec.model_dump(exclude={"kind", "import_path"}))
    if spec.kind == ENCODER_DECODER:
        return EncoderDecoder(nd, in_channels, classes, spec.widths)
    plugin = find_network(spec.kind)
    if plugin is None:
        raise InputError(f"no installed package brings the network {spec.kind!r}; install it")
    made: nn.Module = plugin.build(nd, in_channels, classes, widths=spec.widths)
    return made


def own_net(net: nn.Module) -> NetSpec:
    """The spec of a network of one's own: where its class is."""
    kind = type(net)
    return NetSpec(kind=OWN, import_path=f"{kind.__module__}.{kind.__qualname__}")


def output_channels(spec: AnyModelSpec) -> int:
    """Channels of the last layer: one a class, and what a head that learns objects adds."""
    return head_channels(spec.labels.label_map(), spec.nd)
