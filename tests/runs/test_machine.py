"""A step of training on this machine: it runs for any kind of config, and takes what is seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from volseg.config import ChannelSpec, ClassSpec, LabelSpec, NetSpec
from volseg.geometry.labels import Grouping
from volseg.plan.draft import Draft
from volseg.plan.topology import topology
from volseg.runs.machine import ThisMachine

CPU = ThisMachine(torch.device("cpu"))


def draft(axes: tuple[int, ...], *, overlap: bool) -> Draft:
    classes = {name: ClassSpec(ids=(n,)) for n, name in enumerate("abc", start=1)}
    labels = LabelSpec(classes=classes, overlap=overlap)
    return Draft(
        labels, (ChannelSpec(name="T1"),), (1.0, 1.0, 1.0), (16, 16, 16), axes, (0,), 16, 5
    )


@pytest.mark.parametrize("overlap", [False, True])
@pytest.mark.parametrize("axes", [(0, 1, 2), (0, 2)])
def test_a_step_of_any_kind_runs(overlap: bool, axes: tuple[int, ...]) -> None:
    config = draft(axes, overlap=overlap).config(topology([1.0] * len(axes), [16] * len(axes)), 2)
    for half in (False, True):
        assert 0 <= CPU.measure(config, half=half) < 10**9
        assert 0 < CPU.seconds(config, half=half) < 10


@pytest.mark.parametrize("grouping", ["border", "centre"])
def test_a_step_that_learns_objects_runs(grouping: Grouping) -> None:
    thing = {"a": ClassSpec(ids=(1,)), "b": ClassSpec(ids=(2,), grouping=grouping, scale=4)}
    made = replace(draft((0, 1), overlap=False), labels=LabelSpec(classes=thing), objects="ids")
    config = made.config(topology((1.0, 1.0), (16, 16)), 2)
    assert 0 < CPU.seconds(config, half=False) < 10


def test_what_a_step_takes_is_seen() -> None:
    config = draft((0, 1), overlap=False).config(topology((1.0, 1.0), (640, 512)), 1)
    config = config.model_copy(update={"net": NetSpec(widths=(32,), block="plain")})
    # A map is too large to go where freed memory is kept.
    one_map = 4 * 640 * 512 * 32
    assert 4 * one_map < CPU.measure(config, half=False) < 30 * one_map


def test_a_larger_step_takes_longer() -> None:
    small = draft((0, 1), overlap=False).config(topology((1.0, 1.0), (32, 32)), 1)
    large = draft((0, 1), overlap=False).config(topology((1.0, 1.0), (256, 256)), 4)
    assert CPU.seconds(small, half=False) < CPU.seconds(large, half=False)


def test_others_on_the_machine_do_not_stretch_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that waits for its turn has not computed."""
    config = draft((0, 1), overlap=False).config(topology((1.0, 1.0), (32, 32)), 1)
    quick = CPU.seconds(config, half=False)
    trained = ThisMachine._trained

    def waiting(machine: ThisMachine, *asked: Any) -> Callable[..., None]:
        step = trained(machine, *asked)

        def wait(*batch: torch.Tensor) -> None:
            time.sleep(0.5)
            step(*batch)

        return wait

    monkeypatch.setattr(ThisMachine, "_trained", waiting)
    assert CPU.seconds(config, half=False) < quick + 0.4
