"""One dense U-Net in volseg, nnU-Net and MONAI, layer for layer, with one set of weights.

nnU-Net's plain U-Net has two convolutions a stage, the first of a coarser stage with its stride.
volseg's has a strided convolution besides; `ours` puts nnU-Net's layers into it, each of them a
volseg layer, and keeps the forward pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from volseg.nn import UNet
from volseg.nn.blocks import ConvUnit


def ours(classes: int, widths: Sequence[int], in_channels: int = 1) -> UNet:
    """A U-Net of volseg with nnU-Net's layers, instance normalisation and leaky rectifiers."""
    kind: dict[str, Any] = {"norm": "instance", "activation": "leaky_relu"}
    net = UNet(3, in_channels, classes, widths, **kind)
    for level, (fine, coarse) in enumerate(pairwise(widths)):
        net.down[level] = ConvUnit(3, fine, coarse, 3, 2, **kind)
        net.encoder[level + 1] = ConvUnit(3, coarse, coarse, 3, **kind)
    # Scales and shifts too differ, so that agreement says something about every parameter.
    for name, value in net.named_parameters():
        if value.ndim == 1:
            value.data = torch.randn_like(value).mul(0.1).add(name.endswith("norm.weight"))
    return net


def architecture(widths: Sequence[int]) -> dict[str, Any]:
    """The same in nnU-Net's words, as its plans spell them."""
    stages = len(widths)
    return {
        "n_stages": stages,
        "features_per_stage": list(widths),
        "conv_op": "torch.nn.modules.conv.Conv3d",
        "kernel_sizes": [[3, 3, 3]] * stages,
        "strides": [[1, 1, 1]] + [[2, 2, 2]] * (stages - 1),
        "n_conv_per_stage": [2] * stages,
        "n_conv_per_stage_decoder": [2] * (stages - 1),
        "conv_bias": True,
        "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d",
        "norm_op_kwargs": {"eps": 1e-5, "affine": True},
        "dropout_op": None,
        "dropout_op_kwargs": None,
        "nonlin": "torch.nn.LeakyReLU",
        "nonlin_kwargs": {"inplace": True},
    }


def nnunet(net: UNet, axes: Sequence[int] = (0, 1, 2)) -> nn.Module:
    """nnU-Net's PlainConvUNet with the weights of `ours`, each axis of which is one of ours."""
    from dynamic_network_architectures.architectures.unet import PlainConvUNet

    words = architecture(_widths(net))
    words |= {"conv_op": nn.Conv3d, "norm_op": nn.InstanceNorm3d, "nonlin": nn.LeakyReLU}
    classes, channels = net.head.weight.shape[0], _units(net)[0].conv.weight.shape[1]
    peer = PlainConvUNet(channels, num_classes=classes, deep_supervision=False, **words)
    units = [
        (one.conv, one.norm)
        for stages in (peer.encoder.stages, peer.decoder.stages)
        for one in stages.modules()
        if type(one).__name__ == "ConvDropoutNormReLU"
    ]
    _copy(net, units, peer.decoder.transpconvs, peer.decoder.seg_layers[-1], axes)
    return peer


def monai(net: UNet) -> nn.Module:
    """MONAI's DynUNet with the weights of `ours`."""
    from monai.networks.nets import DynUNet

    widths = _widths(net)
    strides = [1] + [2] * (len(widths) - 1)
    peer = DynUNet(
        3,
        _units(net)[0].conv.weight.shape[1],
        net.head.weight.shape[0],
        kernel_size=[3] * len(widths),
        strides=strides,
        upsample_kernel_size=strides[1:],
        filters=widths,
        norm_name=("INSTANCE", {"affine": True}),
        act_name=("leakyrelu", {"inplace": True, "negative_slope": 0.01}),
        trans_bias=True,
    )
    blocks = [peer.input_block, *peer.downsamples, peer.bottleneck]
    blocks += [one.conv_block for one in peer.upsamples]
    units = [
        pair
        for one in blocks
        for pair in ((one.conv1.conv, one.norm1), (one.conv2.conv, one.norm2))
    ]
    ups = [one.transp_conv.conv for one in peer.upsamples]
    _copy(net, units, ups, peer.output_block.conv.conv, (0, 1, 2))
    return peer


def _widths(net: UNet) -> list[int]:
    return [_units(net)[0].conv.weight.shape[0]] + [one.conv.weight.shape[0] for one in net.down]


def _units(net: UNet) -> list[ConvUnit]:
    """Convolution units in the order of the forward pass."""
    down = (one for pair in zip(net.down, net.encoder[1:], strict=True) for one in pair)
    return [
        *_inside(net.encoder[0]), *down,
        *(unit for blocks in reversed(net.decoder) for unit in _inside(blocks)),
    ]  # fmt: skip


def _inside(blocks: nn.Module) -> Iterator[ConvUnit]:
    return (one for one in blocks.modules() if isinstance(one, ConvUnit))


@torch.no_grad()
def _copy(
    net: UNet,
    units: Sequence[tuple[Any, Any]],
    ups: Sequence[Any],
    head: Any,
    axes: Sequence[int],
) -> None:
    """Biases of convolutions before an instance normalisation cancel; they become 0."""
    turn = [0, 1, *(2 + axis for axis in axes)]
    joined = 2 * len(net.encoder)  # from this unit on, every second one takes a joined map
    for number, (unit, (conv, norm)) in enumerate(zip(_units(net), units, strict=True)):
        weight = unit.conv.weight.permute(turn)
        if number >= joined and number % 2 == joined % 2:
            # The peers join the upsampled map before the skip, volseg after it.
            weight = torch.cat(weight.chunk(2, dim=1)[::-1], dim=1)
        conv.weight.copy_(weight)
        norm.weight.copy_(unit.norm.weight)
        norm.bias.copy_(unit.norm.bias)
        if conv.bias is not None:
            nn.init.zeros_(conv.bias)
    for mine, theirs in zip(reversed(net.up), ups, strict=True):
        theirs.weight.copy_(mine.weight.permute(turn))
        theirs.bias.copy_(mine.bias)
    head.weight.copy_(net.head.weight.reshape(head.weight.shape))
    head.bias.copy_(net.head.bias)
