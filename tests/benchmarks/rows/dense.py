"""Training steps of a dense network."""

from __future__ import annotations

from typing import Any

import torch

from tests.benchmarks.peers import dense_nets
from tests.benchmarks.row import Row, Side, near
from tests.benchmarks.scenes import sized
from volseg.nn.allocator import keep_freed_memory
from volseg.nn.layout import channels_last
from volseg.runs.precision import pick_precision
from volseg.train.losses.compound import compound_loss

CLASSES, WIDTHS = 4, (32, 64, 128, 256)


class Step(Row):
    """Forward, loss, backward and optimizer; the loss is one and the same on both sides."""

    wanted, runs = 1.7, 3

    def __init__(self, *, half: bool) -> None:
        """With ``half`` ours runs as ``volseg train`` does on this processor, else in float32."""
        self.half = half and pick_precision(torch.device("cpu")) == "bfloat16"
        side = sized(96, 32)
        torch.manual_seed(0)
        self.x = torch.randn(1, 1, side, side, side)
        self.target = torch.randint(CLASSES, (1, side, side, side))
        self.net = dense_nets.ours(CLASSES, WIDTHS)
        kind = "bfloat16 beside float32" if self.half else "float32"
        self.work = f"3-D U-Net {WIDTHS}, training step, {kind}: patch {side}^3"

    def ours(self) -> Side:
        keep_freed_memory()  # as `volseg train` does
        # A copy: the peer takes its weights from the network as it was.
        net = dense_nets.ours(CLASSES, WIDTHS)
        net.load_state_dict(self.net.state_dict())
        return self._step(channels_last(net, 3), half=self.half)

    def _step(self, net: Any, *, half: bool) -> Side:
        net.train()
        optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)

        def run() -> float:
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                logits = net(self.x)
            loss = compound_loss(logits, self.target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return float(loss.detach())

        return run

    def agree(self, ours: float, theirs: float) -> str:
        off = near(ours, theirs, "first loss", 0.02 if self.half else 1e-4)
        return f"first loss within {off:.0e}"


class BesideMonai(Step):
    peer = "monai/DynUNet"

    def theirs(self) -> Side:
        return self._step(dense_nets.monai(self.net), half=False)


class BesideNnunet(Step):
    peer = "nnunetv2/PlainConvUNet"

    def theirs(self) -> Side:
        return self._step(dense_nets.nnunet(self.net), half=False)
