"""Losses, optimizers and schedules are those that a spec describes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from volseg.config import LossSpec, TrainSpec
from volseg.errors import ConfigError
from volseg.nn import EncoderDecoder, UNet
from volseg.runs.recipe import (
    MOMENTUM,
    RULED_OUT,
    build_loss,
    build_optimizer,
    build_schedule,
    rule_out,
)
from volseg.train.losses.dice import dice_loss
from volseg.train.losses.focal import class_weights, cross_entropy, focal_loss
from volseg.train.losses.lovasz import lovasz_loss
from volseg.train.schedule import one_cycle, poly

CPU = torch.device("cpu")
COUNTS = np.array([90, 10, 0])


@pytest.fixture
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.randn(2, 3, 4, 5), torch.randint(-1, 3, (2, 4, 5))


@pytest.mark.parametrize("kind", ["focal", "ce", "dice", "lovasz_ce", "dice_focal"])
def test_a_loss_is_the_sum_of_its_terms(kind: str, batch: tuple[torch.Tensor, ...]) -> None:
    spec = LossSpec(kind=kind, gamma=1.5)
    weights = class_weights(COUNTS)
    regions = {"dice": dice_loss, "lovasz": lovasz_loss}
    wanted = sum(loss(*batch) for name, loss in regions.items() if name in kind)
    if kind.endswith("focal"):
        wanted = wanted + focal_loss(*batch, gamma=1.5, alpha=weights)
    elif kind.endswith("ce") and kind != "dice":
        wanted = wanted + cross_entropy(*batch, alpha=weights)
    torch.testing.assert_close(build_loss(spec, COUNTS, CPU)(*batch), wanted)


def test_weights_are_one_a_class(batch: tuple[torch.Tensor, ...]) -> None:
    with pytest.raises(ConfigError, match=r"train\.loss\.weights: 2 weights for 3 classes"):
        build_loss(LossSpec(weights=(1.0, 2.0)), COUNTS, CPU)
    loss = build_loss(LossSpec(kind="ce", weights=(1.0, 2.0, 3.0)), COUNTS, CPU)
    wanted = cross_entropy(*batch, alpha=torch.tensor([1.0, 2.0, 3.0]))
    torch.testing.assert_close(loss(*batch), wanted)


@pytest.mark.parametrize("make", [UNet, EncoderDecoder])
def test_a_class_that_is_ruled_out_is_given_to_nothing(make: type[nn.Module]) -> None:
    net = make(2, 1, 3, (4, 6)).eval()
    rule_out(net, [1])
    logits = net(torch.randn(1, 1, 8, 8))
    assert (logits[:, 1] == RULED_OUT).all()
    assert not (logits[:, 0] == RULED_OUT).any()


def test_a_network_without_such_a_head_stays_as_it_is() -> None:
    for net in (nn.Linear(2, 3), nn.Sequential(nn.Conv2d(1, 3, 1))):
        before = {name: value.clone() for name, value in net.state_dict().items()}
        rule_out(net, [1])
        assert all(torch.equal(before[name], one) for name, one in net.state_dict().items())


def test_optimizers_have_the_rates_of_the_spec() -> None:
    net = nn.Linear(2, 3)
    spec = TrainSpec(learning_rate=0.5, weight_decay=0.25)
    adam = build_optimizer(spec, net)
    sgd = build_optimizer(spec.model_copy(update={"optimizer": "sgd"}), net)
    for optimizer in (adam, sgd):
        (group,) = optimizer.param_groups
        assert (group["lr"], group["weight_decay"]) == (0.5, 0.25)
    assert isinstance(adam, torch.optim.AdamW)
    assert (sgd.param_groups[0]["momentum"], sgd.param_groups[0]["nesterov"]) == (MOMENTUM, True)


@pytest.mark.parametrize(("name", "curve"), [("one_cycle", one_cycle), ("poly", poly)])
def test_a_schedule_is_of_epochs_or_of_minutes(name: str, curve: object) -> None:
    spec = TrainSpec(epochs=4, steps=5, schedule=name)  # type: ignore[arg-type]
    schedule = build_schedule(spec, None)
    assert schedule.curve is curve
    assert schedule.share(10, seconds=1e9) == 0.5
    assert build_schedule(spec, 2.0).share(10, seconds=30.0) == 0.25
