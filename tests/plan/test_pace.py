"""What is chosen sees enough in the minutes, and more minutes never choose a smaller network."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.config import ChannelSpec, ClassSpec, LabelSpec, VolumeConfig
from volseg.plan.draft import Draft
from volseg.plan.ladder import ENOUGH, FINER, Rung
from volseg.plan.pace import EPOCHS, SHARE, Pace, largest_in_time, shape, with_pace
from volseg.plan.topology import topology

MEDIAN = (64, 64, 16)
LABELS = LabelSpec(classes={name: ClassSpec(ids=(n,)) for n, name in enumerate("ab")})
WIDTHS = (8, 16, 32)


def rung(axes: tuple[int, ...], width: int, side: int = 64) -> Rung:
    draft = Draft(LABELS, (ChannelSpec(name="T1"),), (1, 1, 1), MEDIAN, axes, (), width, 5)
    sides = [min(side, MEDIAN[axis]) for axis in axes]
    enough = FINER if len(axes) == 3 else ENOUGH
    return Rung(draft, draft.config(topology([1.0] * len(axes), sides), 2), enough)


FLAT = [rung((0, 1), width) for width in WIDTHS]
DEEP = [rung((0, 1, 2), width) for width in WIDTHS]
LADDERS = [FLAT, DEEP]
times = st.lists(st.floats(0.01, 30), min_size=6, max_size=6).map(sorted)
minutes = st.floats(0.05, 2000)


def chosen(given: list[float], length: float) -> tuple[int, Pace]:
    order = [entry.config for entry in FLAT + DEEP]
    found, timed = largest_in_time(LADDERS, length, lambda one: given[order.index(one)])
    return order.index(found.config), timed


@given(times, minutes, st.floats(1, 50))
def test_more_minutes_never_choose_a_smaller_network(
    seconds: list[float], length: float, factor: float
) -> None:
    assert chosen(seconds, length)[0] <= chosen(seconds, length * factor)[0]


@given(times, minutes)
def test_what_is_chosen_sees_enough_if_anything_does(seconds: list[float], length: float) -> None:
    number, timed = chosen(seconds, length)
    assert timed.seconds == seconds[number]
    if timed.share < 1:
        assert Pace(length, min(seconds), 1.0).share < 1
        assert number == 0


@given(st.floats(0.001, 60), minutes)
def test_the_steps_fit_the_minutes(seconds: float, length: float) -> None:
    timed = Pace(length, seconds, 1.0)
    assert timed.steps == 1 or timed.steps * seconds <= SHARE * 60 * length * (1 + 1e-9)
    train = with_pace(FLAT[0].config, timed).train
    assert train.epochs == min(EPOCHS, timed.steps)
    assert timed.steps <= train.epochs * train.steps < timed.steps + train.epochs


def test_a_patch_of_half_a_case_needs_twice_the_steps() -> None:
    half, all_of_it = rung((0, 1, 2), 8, side=32), rung((0, 1, 2), 8)
    assert (half.covered, all_of_it.covered) == (0.25, 1.0)
    assert math.isclose(Pace(1, 0.1, half.covered).views, Pace(1, 0.1, 1.0).views / 4)


def test_what_is_wider_than_what_is_too_slow_is_not_timed() -> None:
    asked: list[VolumeConfig] = []

    def slow(entry: VolumeConfig) -> float:
        asked.append(entry)
        return 100.0

    largest_in_time(LADDERS, 5, slow)
    assert asked == [FLAT[0].config, DEEP[0].config]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (FLAT[0].config, "2-D, widths 8 to 128, 2 patches of 64 x 64"),
        (DEEP[1].config, "3-D, widths 16 to 256, 2 patches of 64 x 64 x 16"),
    ],
)
def test_words(entry: VolumeConfig, words: str) -> None:
    assert shape(entry) == words
