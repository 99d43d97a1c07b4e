"""The loop: it learns, it repeats, it stops in time, and it goes on as if it never had stopped."""

from __future__ import annotations

import itertools
import math
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from volseg.data.batch import Batch
from volseg.errors import InputError
from volseg.progress import Epoch, Progress, Validation
from volseg.runs.precision import start_accelerator
from volseg.train.loop import Trainer, TrainState
from volseg.train.schedule import WARM_UP, Schedule, one_cycle

PEAK = 0.05


class Points:
    """Batches of points in the plane, of a class by their side of a line."""

    def __init__(self) -> None:
        self.drawn: list[int] = []

    def draw(self, number: int) -> Batch:
        self.drawn.append(number)
        inputs = torch.randn(32, 2, generator=torch.Generator().manual_seed(number))
        return Batch(inputs, (inputs.sum(dim=1) > 0).long())


class Watch(Progress):
    """Keeps what the loop tells; stops it by Ctrl-C at one step where wanted."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.shares: list[float] = []
        self.losses: list[float] = []
        self.epochs: list[Epoch] = []
        self.stop_at = stop_at

    def step(self, share: float, loss: float) -> None:
        self.shares.append(share)
        self.losses.append(loss)
        if len(self.losses) == self.stop_at:
            os.kill(os.getpid(), signal.SIGINT)

    def epoch(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)


class Run:
    """A small net with its optimizer and state; `go` trains it a sitting."""

    def __init__(self, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.net = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
        self.state, self.batches, self.rates = TrainState(), Points(), list[float]()
        self.fresh()

    def fresh(self) -> None:
        """A new optimizer with the old state, as after a restart."""
        before = getattr(self, "optimizer", None)
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=PEAK)
        if before is not None:
            state = before.state_dict() | {
                "param_groups": self.optimizer.state_dict()["param_groups"]
            }
            self.optimizer.load_state_dict(state)

    def go(self, schedule: Schedule, watch: Watch, validate: Any = None) -> bool:
        def loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            self.rates.append(self.optimizer.param_groups[0]["lr"])
            return F.cross_entropy(logits, targets)

        trainer = Trainer(
            net=self.net,
            optimizer=self.optimizer,
            batches=self.batches,
            loss=loss,
            schedule=schedule,
            accelerator=start_accelerator(torch.device("cpu")),
            progress=watch,
            state=self.state,
            validate=validate,
        )
        return trainer.fit()

    def weights(self) -> list[torch.Tensor]:
        return list(self.net.state_dict().values())


def same(one: Run, other: Run) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.weights(), other.weights(), strict=True))


class TestOneCycle:
    @given(st.floats(0, 1))
    def test_is_a_share_of_the_peak(self, share: float) -> None:
        assert 0.0 <= one_cycle(share) <= 1.0

    def test_rises_to_the_peak_and_falls_to_zero(self) -> None:
        shares = [number / 1000 for number in range(1001)]
        rates = [one_cycle(share) for share in shares]
        top = shares.index(WARM_UP)
        assert rates[top] == 1.0
        assert rates[: top + 1] == sorted(rates[: top + 1])
        assert rates[top:] == sorted(rates[top:], reverse=True)
        assert rates[-1] == pytest.approx(0.0, abs=1e-12)
        assert max(abs(a - b) for a, b in itertools.pairwise(rates)) < 0.02


class TestFit:
    def test_lowers_the_loss(self) -> None:
        run, watch = Run(), Watch()
        assert not run.go(Schedule(4, 25), watch)
        losses = [epoch.loss for epoch in watch.epochs]
        assert losses[-1] < 0.5 * losses[0]

    def test_one_seed_one_result(self) -> None:
        one, again, other = Run(), Run(), Run(seed=1)
        for run in (one, again, other):
            run.go(Schedule(2, 10), Watch())
        assert same(one, again)
        assert not same(one, other)

    def test_tells_every_step_and_epoch(self) -> None:
        run, watch = Run(), Watch()
        run.go(Schedule(3, 7), watch)
        assert watch.shares == pytest.approx([number / 21 for number in range(1, 22)])
        assert [epoch.number for epoch in watch.epochs] == [1, 2, 3]
        for number, epoch in enumerate(watch.epochs):
            mine = watch.losses[7 * number : 7 * number + 7]
            assert epoch.loss == pytest.approx(sum(mine) / 7)
            assert epoch.validation is None
        assert run.batches.drawn[:21] == list(range(21))

    def test_the_rate_follows_the_cycle(self) -> None:
        run = Run()
        run.go(Schedule(4, 10), Watch())
        assert run.rates == pytest.approx([PEAK * one_cycle(step / 40) for step in range(40)])

    def test_validates_in_evaluation_mode_and_trains_on(self) -> None:
        modes: list[bool] = []

        def validate(net: nn.Module) -> Validation:
            modes.append(net.training)
            return Validation("IoU", 0.5, {})

        run, watch = Run(), Watch()
        run.go(Schedule(3, 2), watch, validate)
        assert modes == [False] * 3
        assert all(epoch.validation == Validation("IoU", 0.5, {}) for epoch in watch.epochs)
        assert run.net.state_dict()["1.num_batches_tracked"] == 6

    def test_a_loss_that_is_not_finite_ends_it(self) -> None:
        run, watch = Run(), Watch()
        whole = run.batches.draw

        def draw(number: int) -> Batch:
            batch = whole(number)
            return Batch(batch.inputs * math.inf, batch.targets) if number == 6 else batch

        run.batches.draw = draw  # type: ignore[method-assign]
        with pytest.raises(InputError, match="the loss became nan at step 7"):
            run.go(Schedule(2, 5), watch)
        assert len(watch.epochs) == 1

    def test_an_error_of_a_batch_comes_through(self) -> None:
        run = Run()

        def broken(number: int) -> Batch:
            raise ValueError(f"batch {number}")

        run.batches.draw = broken  # type: ignore[method-assign]
        with pytest.raises(ValueError, match="batch 0"):
            run.go(Schedule(1, 2), Watch())


class TestMinutes:
    def test_stop_in_time_with_the_rate_near_zero(self) -> None:
        run, watch = Run(), Watch()
        started = time.monotonic()
        assert not run.go(Schedule(1, 10_000, minutes=0.02), watch)
        assert 1.2 <= time.monotonic() - started < 4
        assert max(run.rates) == pytest.approx(PEAK, rel=0.1)
        assert run.rates[-1] < 0.01 * PEAK
        assert watch.shares[-1] == 1.0
        # The last epoch is whole or not: it is told, with the mean of its own steps.
        assert watch.epochs[-1].loss == pytest.approx(
            sum(watch.losses[-(run.state.step % 10_000) :]) / (run.state.step % 10_000)
        )

    def test_a_finished_run_has_nothing_to_resume(self) -> None:
        run = Run()
        run.go(Schedule(1, 10_000, minutes=0.002), Watch())
        steps, watch = run.state.step, Watch()
        assert not run.go(Schedule(1, 10_000, minutes=0.002), watch)
        assert run.state.step == steps
        assert watch.epochs == []

    def test_a_resumed_run_takes_what_is_left(self) -> None:
        run, first, second = Run(), Watch(stop_at=40), Watch()
        schedule = Schedule(1, 10_000, minutes=0.01)
        assert run.go(schedule, first)
        run.fresh()
        started = time.monotonic()
        assert not run.go(schedule, second)
        assert first.shares[-1] <= second.shares[0]
        assert second.shares[-1] == 1.0
        assert time.monotonic() - started >= 0.6 * (1 - first.shares[-1]) - 0.01

    def test_more_minutes_go_on_and_keep_the_mean_loss_true(self) -> None:
        run, watch = Run(), Watch()
        run.go(Schedule(1, 10_000, minutes=0.002), watch)
        first = len(watch.losses)
        run.fresh()
        run.go(Schedule(1, 10_000, minutes=0.004), watch)
        assert watch.epochs[-1].loss == pytest.approx(
            math.fsum(watch.losses[first:]) / len(watch.losses[first:])
        )


class TestResume:
    @pytest.mark.parametrize("stop_at", [1, 7, 10, 13])
    def test_equals_the_unbroken_run_bit_for_bit(self, stop_at: int) -> None:
        whole, broken = Run(), Run()
        unbroken, first, second = Watch(), Watch(stop_at), Watch()
        schedule = Schedule(4, 5)
        assert not whole.go(schedule, unbroken)
        assert broken.go(schedule, first)
        assert broken.state.step == stop_at
        broken.fresh()
        assert not broken.go(schedule, second)
        assert same(whole, broken)
        assert first.losses + second.losses == unbroken.losses
        told = [(one.number, one.loss, one.learning_rate) for one in first.epochs + second.epochs]
        assert told == [(one.number, one.loss, one.learning_rate) for one in unbroken.epochs]

    def test_stopping_gives_the_handler_back(self) -> None:
        before: Callable[..., Any] | int | None = signal.getsignal(signal.SIGINT)
        Run().go(Schedule(1, 5), Watch(stop_at=2))
        assert signal.getsignal(signal.SIGINT) is before
