"""Losses, optimizers and schedules are those that a spec describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from volseg.config import LossSpec, NetSpec, TrainSpec, load_config
from volseg.data.objects import ObjectHead
from volseg.errors import ConfigError
from volseg.models.load import load_net
from volseg.models.nets import make_net
from volseg.runs.recipe import (
    MOMENTUM,
    build_loss,
    build_optimizer,
    build_schedule,
    rule_out,
    start_at_cells,
    start_at_shares,
)
from volseg.runs.train import train
from volseg.train.losses.compound import compound_loss
from volseg.train.losses.dice import dice_loss
from volseg.train.losses.focal import class_weights, cross_entropy, focal_loss
from volseg.train.losses.lovasz import lovasz_loss
from volseg.train.losses.objects import centre_loss
from volseg.train.schedule import one_cycle, poly

CPU = torch.device("cpu")
COUNTS = np.array([90, 10, 0])


def loss_of(spec: LossSpec, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return build_loss(spec, COUNTS, torch.device("cpu"))(logits, targets)


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


@pytest.mark.parametrize("bordered", [(), (1,)])
def test_a_loss_of_one_s_own_replaces_that_of_classes_alone(bordered: tuple[int, ...]) -> None:
    """Votes for centres are learnt beside it, and the border is a class more."""
    torch.manual_seed(0)
    head = ObjectHead(3, (1.0, 2.0, 1.0), 2, bordered)
    output = torch.randn(2, head.channels, 4, 5)
    numbers = torch.randint(-1, 3, (2, 1, 4, 5))
    target = torch.cat((torch.randint(0, 3, (2, 1, 4, 5)), numbers, torch.randn(2, 2, 4, 5)), 1)
    shapes: list[torch.Size] = []

    def nothing(logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        shapes.append(logits.shape)
        assert ids.max() < logits.shape[1]
        return logits.sum() * 0.0

    parts = head.split(output)
    votes = 3 * centre_loss(parts.ways, parts.doubt, target[:, 2:], numbers[:, 0].abs())
    loss = build_loss(LossSpec(votes=3), COUNTS, CPU, head=head, border=7, own=nothing)
    torch.testing.assert_close(loss(output, target), votes)
    assert shapes == [(2, head.logits, 4, 5)]


def test_a_network_without_such_a_head_stays_as_it_is() -> None:
    for net in (nn.Linear(2, 3), nn.Sequential(nn.Conv2d(1, 3, 1))):
        before = {name: value.clone() for name, value in net.state_dict().items()}
        rule_out(net, [1])
        assert all(torch.equal(before[name], one) for name, one in net.state_dict().items())


def test_cells_vote_for_their_own_places_at_first() -> None:
    torch.manual_seed(0)
    head = ObjectHead(3, (1.0, 2.0, 1.0), 2)
    net = make_net(NetSpec(widths=(4, 8)), nd=2, in_channels=1, classes=head.channels)
    start_at_cells(net, head)
    said = head.split(net(torch.randn(1, 1, 6, 6)))
    assert (said.ways == 0).all()
    assert (said.doubt == 0).all()
    assert (said.classes != 0).any()


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


class TestLoss:
    def test_cross_entropy_is_torchs(self, batch: Any) -> None:
        logits, targets = batch
        found = loss_of(LossSpec(kind="cross_entropy", weights=None), logits, targets)
        torch.testing.assert_close(found, F.cross_entropy(logits, targets, ignore_index=-1))

    def test_gamma_is_for_the_focal_loss_alone(self, batch: Any) -> None:
        plain = loss_of(LossSpec(kind="cross_entropy", gamma=5.0), *batch)
        assert torch.equal(plain, loss_of(LossSpec(kind="focal", gamma=0.0), *batch))
        assert loss_of(LossSpec(kind="focal", gamma=5.0), *batch) < plain

    @pytest.mark.parametrize(
        ("name", "region", "gamma"),
        [
            ("dice_ce", dice_loss, 0.0),
            ("dice_focal", dice_loss, 5.0),
            ("lovasz_ce", lovasz_loss, 0.0),
            ("lovasz_focal", lovasz_loss, 5.0),
        ],
    )
    def test_sums_are_named_for_their_parts(
        self, batch: Any, name: Any, region: Any, gamma: float
    ) -> None:
        found = loss_of(LossSpec(kind=name, gamma=5.0, weights=None), *batch)
        assert torch.equal(found, compound_loss(*batch, region=region, gamma=gamma))

    def test_balanced_weights_make_rare_mistakes_dear(self) -> None:
        targets = torch.tensor([0, 0, 1, 1])
        common_right = F.one_hot(torch.zeros(4, dtype=torch.long), 3) * 4.0
        rare_right = F.one_hot(torch.ones(4, dtype=torch.long), 3) * 4.0
        for spec in (LossSpec(weights="balanced"), LossSpec(weights=(0.1, 1.0, 1.0))):
            assert loss_of(spec, common_right, targets) > loss_of(spec, rare_right, targets)
        even = LossSpec(weights=None)
        torch.testing.assert_close(
            loss_of(even, common_right, targets), loss_of(even, rare_right, targets)
        )


@pytest.mark.parametrize("overlap", [False, True])
@pytest.mark.parametrize("supervised", [0, 1])
def test_a_fresh_network_gives_classes_their_shares(overlap: bool, supervised: int) -> None:
    torch.manual_seed(0)
    spec = NetSpec(widths=(8, 16), norm="instance", supervised=supervised)
    net = make_net(spec, nd=2, in_channels=1, classes=3)
    shares = np.array([0.95, 0.04, 0.01])
    start_at_shares(net, shares, overlap=overlap)
    output = net(torch.randn(4, 1, 64, 64))
    for logits in output if supervised else [output]:
        likely = logits.sigmoid() if overlap else logits.softmax(1)
        given = likely.transpose(0, 1).flatten(1).mean(1).detach().numpy()
        np.testing.assert_allclose(np.log(given / shares), 0, atol=np.log(2))


class TestRuledOutClasses:
    @pytest.mark.parametrize("kind", ["unet", "encoder_decoder"])
    def test_get_no_cell_and_stay_so(self, kind: Any) -> None:
        torch.manual_seed(0)
        net = make_net(NetSpec(kind=kind, widths=(4, 8)), nd=2, in_channels=2, classes=3)
        rule_out(net, [1])
        optimizer = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.05)
        images = torch.randn(2, 2, 8, 8)
        targets = torch.where(images[:, 0] > 0, 2, 0)
        for _ in range(20):
            loss = loss_of(LossSpec(kind="lovasz_ce", weights=None), net(images), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        for wild in (images, 100 * torch.randn(2, 2, 8, 8)):
            found = net(wild).argmax(dim=1).unique().tolist()
            assert found == [0, 2]

    def test_are_those_of_a_run_that_no_file_has(
        self, tmp_path: Path, config_file: Path, scene_folder: Path
    ) -> None:
        classes = (
            "labels.classes={water: {ids: [9]}, ground: {ids: [2]}, maybe: {ids: [20]}, "
            "box: {ids: [6]}}"
        )
        meanings = "data.meanings={'a.laz': {6: [box, maybe]}}"
        changes = [classes, meanings, "net.widths=[4, 8]", "train.steps=1", "train.epochs=1"]
        config = load_config(config_file, changes)
        train(config, scene_folder, tmp_path / "run", device="cpu")
        bias = load_net(tmp_path / "run" / "last.safetensors")[1].head.bias
        assert (bias < -20).tolist() == [True, False, False, False]  # type: ignore[operator, union-attr]
