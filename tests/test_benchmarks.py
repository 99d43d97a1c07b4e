"""The benchmark suite is honest: it tells disagreement, what is missing, and a broken promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.benchmarks.growth import GROWTHS, bytes_each, slope
from tests.benchmarks.row import DisagreementError, Row, Side, near, same
from tests.benchmarks.rows import ROWS
from tests.benchmarks.store import Results
from tests.benchmarks.table import bound_broken, growth, row
from tests.benchmarks.worker import agree


class Sum(Row):
    """Two ways to add up."""

    peer = "numpy/sum"
    work = "add up"

    def __init__(self, answer: float = 6.0, absent: str = "") -> None:
        self.answer, self.absent = answer, absent

    def ours(self) -> Side:
        return lambda: 6.0

    def theirs(self) -> Side:
        if self.absent:
            raise ImportError(self.absent)
        return lambda: self.answer

    def agree(self, ours: Any, theirs: Any) -> str:
        same(ours, theirs, "sum")
        return "equal"


def test_rows_that_agree_say_so_and_others_break_the_suite() -> None:
    good, bad = next(agree(Sum())), next(agree(Sum(7.0)))
    assert good["agreement"] == "equal"
    assert "disagree" in bad
    assert Results(rows={"good": good, "bad": bad}).broken == ["bad"]
    assert "**disagrees**" in row(bad)


def test_a_peer_that_does_not_load_is_said_and_breaks_nothing() -> None:
    told = next(agree(Sum(absent="no such wheel")))
    assert not Results(rows={"sum": told}).broken
    assert "peer does not load: no such wheel" in row(told)


def test_missed_targets_are_marked_and_met_ones_not() -> None:
    told = next(agree(Sum())) | {"ours": 1.0, "theirs": 2.0, "wanted": 1.5}
    assert "missed" not in row(told)
    assert "missed" in row(told | {"wanted": 3.0})


@pytest.mark.parametrize("wrong", [np.array([1.0, 2.0]), np.array([1.0, np.nan, 3.0])])
def test_wrong_shapes_and_nan_are_no_agreement(wrong: np.ndarray) -> None:
    truth = np.array([1.0, 2.0, 3.0])
    assert near(truth + 1e-9, truth, "values", 1e-6) < 1e-8
    with pytest.raises(DisagreementError):
        near(wrong, truth, "values", 1e-6)
    with pytest.raises(DisagreementError):
        same(wrong, truth, "values")


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_law_is_found(power: float) -> None:
    sizes = [10.0, 100.0, 1000.0, 10000.0]
    assert slope(sizes, [3 * size**power for size in sizes]) == pytest.approx(power)


def test_a_unit_that_costs_more_than_promised_breaks_the_bound() -> None:
    name, told = next(iter(GROWTHS.items()))
    sizes = [1e5, 1e6, 1e7]
    assert bytes_each(sizes, [7 + 3 * size for size in sizes]) == pytest.approx(3)
    for factor, broken in ((0.9, False), (1.1, True)):
        used = [5e7 + factor * told.bound * size for size in sizes]
        many = [
            {"size": size, "work": size, "seconds": size, "bytes": one}
            for size, one in zip(sizes, used, strict=True)
        ]
        assert bound_broken(name, many) is broken
        assert ("broken" in growth(name, many)) is broken


def test_names_tell_rows_from_growth() -> None:
    assert not set(ROWS) & set(GROWTHS)
