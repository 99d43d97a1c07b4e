"""Networks, written once over primitives that take dense tensors and sparse voxels."""

from volseg.nn import functional
from volseg.nn.blocks import PlainBlock, ResidualBlock
from volseg.nn.encoder_decoder import EncoderDecoder
from volseg.nn.layers import Conv, ConvTranspose, Linear, Norm
from volseg.nn.receptive import Reach
from volseg.nn.unet import UNet
from volseg.nn.voxels import Map, Voxels

__all__ = [
    "Conv", "ConvTranspose", "EncoderDecoder", "Linear", "Map", "Norm",
    "PlainBlock", "Reach", "ResidualBlock", "UNet", "Voxels", "functional",
]  # fmt: skip
