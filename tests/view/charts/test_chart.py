"""One look for all charts: whatever a user's matplotlib is set to, which stays as it was."""

from __future__ import annotations

import logging

import matplotlib as mpl
import numpy as np
import pytest

from volseg.view.charts.chart import DPI, LONGEST, chart, render, short, whole_numbers


def test_the_settings_of_a_user_change_nothing_and_stay() -> None:
    def drawn() -> bytes:
        with chart(2, 1) as figure:
            figure.subplots().plot([0, 1])
            return render(figure).tobytes()

    plain = drawn()
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "black"}):
        assert drawn() == plain
        assert mpl.rcParams["font.size"] == 30


def test_a_chart_is_as_large_as_it_says_and_leaves_logging_alone() -> None:
    log = logging.getLogger("matplotlib")
    log.setLevel(logging.INFO)
    with chart(3, 1.5) as figure:
        figure.subplots().set_title("$no $math")
        image = render(figure)
    assert image.size == (3 * DPI, 1.5 * DPI)
    assert log.level == logging.INFO


@pytest.mark.parametrize("end", [1, 2, 7, 300])
def test_epochs_have_whole_numbers(end: int) -> None:
    with chart(3, 2) as figure:
        axes = figure.subplots()
        axes.plot([1, end], [0, 1])
        whole_numbers(axes)
        ticks = np.asarray(axes.get_xticks())
    assert (ticks == np.rint(ticks)).all()


@pytest.mark.parametrize("count", [1, LONGEST, LONGEST + 1, 99])
def test_names_are_no_longer_than_they_may_be(count: int) -> None:
    name = "x" * count
    assert len(short(name)) == min(count, LONGEST)
    assert (short(name) == name) == (count <= LONGEST)
