"""Specs to networks, losses and devices."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from volseg.config import LossKind, LossSpec, NetSpec, load_config
from volseg.errors import ConfigError, InputError
from volseg.models.device import pick_device
from volseg.models.load import load_net
from volseg.models.nets import build_net
from volseg.nn import EncoderDecoder, UNet, Voxels
from volseg.runs.recipe import LOSSES, build_loss, rule_out
from volseg.runs.train import train
from volseg.train.losses.compound import compound_loss
from volseg.train.losses.dice import dice_loss
from volseg.train.losses.lovasz import lovasz_loss

COUNTS = np.array([1000, 10, 0])


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
    net = build_net(spec, nd=nd, in_channels=5, classes=3)
    assert isinstance(net, kind)
    assert net(torch.zeros(2, 5, *[8] * nd)).shape == (2, 3, *[8] * nd)
    cells = torch.cat((torch.zeros(4, 1), torch.arange(4)[:, None].expand(4, nd)), 1).long()
    assert net(Voxels.of(cells, torch.zeros(4, 5))).features.shape == (4, 3)


def loss_of(spec: LossSpec, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return build_loss(spec, COUNTS, torch.device("cpu"))(logits, targets)


@pytest.fixture
def case() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.randn(50, 3), torch.randint(-1, 3, (50,))


class TestLoss:
    def test_cross_entropy_is_torchs(self, case: Any) -> None:
        logits, targets = case
        found = loss_of(LossSpec(kind="cross_entropy", weights=None), logits, targets)
        torch.testing.assert_close(found, F.cross_entropy(logits, targets, ignore_index=-1))

    def test_every_kind_of_loss_is_known_and_no_other(self, case: Any) -> None:
        assert set(LOSSES) == set(get_args(LossKind))
        unknown = LossSpec.model_construct(kind="tversky_focal", gamma=2.0, weights=None)
        with pytest.raises(ConfigError, match="'tversky_focal'; wanted focal, cross_entropy, dice"):
            loss_of(unknown, *case)

    def test_gamma_is_for_the_focal_loss_alone(self, case: Any) -> None:
        plain = loss_of(LossSpec(kind="cross_entropy", gamma=5.0), *case)
        assert torch.equal(plain, loss_of(LossSpec(kind="focal", gamma=0.0), *case))
        assert loss_of(LossSpec(kind="focal", gamma=5.0), *case) < plain

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
        self, case: Any, name: Any, region: Any, gamma: float
    ) -> None:
        found = loss_of(LossSpec(kind=name, gamma=5.0, weights=None), *case)
        assert torch.equal(found, compound_loss(*case, region=region, gamma=gamma))

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

    def test_weights_of_another_length_are_refused(self) -> None:
        with pytest.raises(ConfigError, match=r"train\.loss\.weights: 2 weights for 3 classes"):
            build_loss(LossSpec(weights=(1.0, 2.0)), COUNTS, torch.device("cpu"))


class TestDevice:
    @pytest.mark.parametrize("seen", [True, False])
    def test_auto_takes_the_gpu_where_there_is_one(
        self, monkeypatch: pytest.MonkeyPatch, seen: bool
    ) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: seen)
        assert pick_device("auto").type == ("cuda" if seen else "cpu")
        assert pick_device("cpu").type == "cpu"

    def test_a_gpu_that_is_not_there_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        with pytest.raises(InputError, match="--device cpu"):
            pick_device("cuda")

    def test_an_unknown_one_is_refused(self) -> None:
        with pytest.raises(InputError, match="'tpu'"):
            pick_device("tpu")


class TestRuledOutClasses:
    @pytest.mark.parametrize("kind", ["unet", "encoder_decoder"])
    def test_get_no_cell_and_stay_so(self, kind: Any) -> None:
        torch.manual_seed(0)
        net = build_net(NetSpec(kind=kind, widths=(4, 8)), nd=2, in_channels=2, classes=3)
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
