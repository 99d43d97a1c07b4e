"""Losses and networks from outside: named in a config, looked for late, used as volseg's own."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import volseg.config.plugins as plugins
from volseg.config import LossSpec, NetSpec
from volseg.models.nets import make_net
from volseg.nn import Conv
from volseg.plugins import Registry
from volseg.runs.recipe import build_loss
from volseg.train.losses.focal import focal_loss

LOGITS = torch.tensor([[2.0, 0.0], [0.5, 1.0], [-1.0, 0.25]])
TARGET = torch.tensor([0, 1, 1])
COUNTS = np.array([5, 9])


def hinge(logits: Tensor, target: Tensor, *, kind: str, ignore: int = -1) -> Tensor:
    """A loss of regions, by the one that volseg has none like."""
    assert kind == "softmax"
    assert ignore == -1
    return (1 - logits.gather(1, target[:, None])).clamp_min(0).mean()


def layer(nd: int, in_channels: int, out_channels: int, *, widths: tuple[int, ...]) -> nn.Module:
    """A network of one layer, with a tap for each width."""
    return Conv(nd, in_channels, out_channels, len(widths))


@pytest.fixture(autouse=True)
def registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registries that nothing has been found in or added to."""
    monkeypatch.setattr(plugins, "LOSSES", Registry("volseg.losses", plugins.PluginLoss, ()))
    networks = Registry("volseg.networks", plugins.PluginNetwork, ())
    monkeypatch.setattr(plugins, "NETWORKS", networks)


@pytest.mark.parametrize(
    ("kind", "gamma"), [("hinge", None), ("hinge_ce", 0.0), ("hinge_focal", 3.0)]
)
def test_a_loss_stands_alone_or_in_a_sum(kind: str, gamma: float | None) -> None:
    plugins.LOSSES.register(plugins.PluginLoss("hinge", hinge))
    spec = LossSpec(kind=kind, gamma=3.0, weights=None)
    assert spec.terms == ("hinge", gamma)
    wanted = hinge(LOGITS, TARGET, kind="softmax")
    if gamma is not None:
        wanted = wanted + focal_loss(LOGITS, TARGET, gamma=gamma)
    found = build_loss(spec, COUNTS, torch.device("cpu"))(LOGITS, TARGET)
    torch.testing.assert_close(found, wanted)


def test_a_network_is_built_with_its_widths() -> None:
    plugins.NETWORKS.register(plugins.PluginNetwork("layer", layer))
    net = make_net(NetSpec(kind="layer", widths=(8, 8, 8)), nd=2, in_channels=4, classes=3)
    assert net(torch.zeros(1, 4, 5, 6)).shape == (1, 3, 5, 6)
    assert net.weight.shape == (3, 4, 3, 3)


@pytest.mark.parametrize("kind", ["hing", "hinge_", "_ce", "hinge_dice", ""])
def test_a_loss_that_nothing_brings_is_refused(kind: str) -> None:
    plugins.LOSSES.register(plugins.PluginLoss("hinge", hinge))
    with pytest.raises(ValueError, match=r"wanted focal.*dice_focal.*installed package"):
        LossSpec(kind=kind)


def test_a_network_that_nothing_brings_is_refused() -> None:
    with pytest.raises(ValueError, match=r"wanted unet, encoder_decoder.*installed package"):
        NetSpec(kind="layer")


def test_a_network_from_outside_takes_widths_alone() -> None:
    plugins.NETWORKS.register(plugins.PluginNetwork("layer", layer))
    with pytest.raises(ValueError, match="kind layer takes no norm"):
        NetSpec(kind="layer", norm="instance")


def test_packages_bring_them_and_are_loaded_only_for_what_volseg_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "shop-1.0.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n")
    points = "[volseg.losses]\nhinge = shop:HINGE\n[volseg.networks]\nlayer = shop:LAYER\n"
    (made / "entry_points.txt").write_text(points)
    (tmp_path / "shop.py").write_text(
        "from volseg.config.plugins import PluginLoss, PluginNetwork\n"
        "HINGE, LAYER = PluginLoss('hinge', sum), PluginNetwork('layer', dict)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert LossSpec(kind="dice_ce").terms == ("dice", 0.0)
    assert NetSpec(kind="unet").kind == "unet"
    assert "shop" not in sys.modules
    assert LossSpec(kind="hinge_ce").terms == ("hinge", 0.0)
    assert NetSpec(kind="layer").kind == "layer"
    monkeypatch.delitem(sys.modules, "shop")
