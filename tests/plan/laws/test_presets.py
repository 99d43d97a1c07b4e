"""The presets for volumes and images load and make networks that fit them."""

from __future__ import annotations

from math import prod

import pytest
import torch

from volseg.config import VolumeConfig, load_config, presets
from volseg.models.nets import build_net, output_channels

PRESETS = sorted(
    str(one.relative_to(presets()).with_suffix(""))
    for kind in ("mri", "image")
    for one in (presets() / kind).rglob("*.yaml")
)


def load(name: str) -> VolumeConfig:
    config = load_config(name)
    assert isinstance(config, VolumeConfig)
    return config


def test_all_are_there() -> None:
    assert PRESETS == [
        "image/field",
        "image/membrane",
        "image/nuclei",
        "image/pages",
        "mri/brain_tumour",
        "mri/hippocampus",
        "mri/prostate",
        "mri/prostate_2d",
    ]


@pytest.mark.parametrize("name", PRESETS)
def test_the_network_takes_the_patch(name: str) -> None:
    config = load(name)
    sides = [config.images.patch[axis] for axis in config.images.axes]
    with torch.device("meta"):
        net = build_net(config)
        logits = net(torch.zeros(1, len(config.images.channels), *sides))
    assert len(logits) == 1 + config.net.supervised
    assert logits[0].shape == (1, output_channels(config), *sides)


@pytest.mark.parametrize("name", PRESETS)
def test_strides_divide_the_patch(name: str) -> None:
    config = load(name)
    strides, steps = config.net.strides, len(config.net.widths) - 1
    for place, axis in enumerate(config.images.axes):
        one = [strides] * steps if isinstance(strides, int) else [s[place] for s in strides]
        assert config.images.patch[axis] % prod(one) == 0
        assert config.images.patch[axis] // prod(one) >= 4


@pytest.mark.parametrize("name", PRESETS)
def test_mirrors_axes_it_sees(name: str) -> None:
    images = load(name).images
    assert set(images.mirror) <= set(images.axes)
    assert images.mirror


def test_membranes_are_not_the_background() -> None:
    # Dice leaves the first class out.
    labels = load("image/membrane").labels.label_map()
    assert labels.names == ("cell", "membrane")
    assert labels.classes[1].ids == (0,)


def test_brain_tumours_nest() -> None:
    whole, core, enhancing = (
        set(one.ids) for one in load("mri/brain_tumour").labels.classes.values()
    )
    assert enhancing < core < whole
