"""Echoes: told apart by distance, numbered by pulse, of the class of what sends most."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.synthetic.airborne.grounds import device
from volseg.synthetic.airborne.devices import Keeps
from volseg.synthetic.airborne.echoes import Echoes, numbered, tell_apart
from volseg.synthetic.airborne.hits import Hits
from volseg.synthetic.labels import Label, Material


def hits(distance: list[list[float]], label: list[list[int]] | None = None) -> Hits:
    """Hits of pulses, a row each, on plaster."""
    rows = np.array(distance, dtype=float)
    labels = np.full(rows.shape, Label.BUILDING) if label is None else np.array(label)
    return Hits(
        distance=rows.ravel(),
        label=labels.ravel().astype(np.int8),
        material=np.full(rows.size, Material.STONE, dtype=np.int8),
        instance=np.arange(rows.size, dtype=np.int32),
        slant=np.ones(rows.size),
    )


def told(made: Hits, **changes: object) -> Echoes:
    beams = 3
    return tell_apart(np.random.default_rng(0), device(beams=beams, **changes), made)


def test_hits_nearer_than_the_resolution_are_one_echo() -> None:
    made = told(hits([[800, 800.2, 790], [700, 700, 700]]), resolution=1.0)
    assert made.pulse.tolist() == [0, 0, 1]
    np.testing.assert_allclose(made.distance, [790, 800.1, 700], atol=0.03)
    assert made.number.tolist() == [1, 2, 1]
    assert made.count.tolist() == [2, 2, 1]
    assert made.power[1] == pytest.approx(2 * made.power[0], rel=0.8)


@pytest.mark.parametrize(
    ("keeps", "distance"), [("first", [700]), ("last", [720]), ("all", [700, 710])]
)
def test_a_device_keeps_first_or_last_echoes_or_so_many(
    keeps: Keeps, distance: list[float]
) -> None:
    made = told(hits([[720, 710, 700]]), resolution=1.0, keeps=keeps, most=2)
    np.testing.assert_allclose(made.distance, distance, atol=0.05)
    assert made.number.tolist() == [*range(1, len(distance) + 1)]
    assert (made.count == len(distance)).all()


def test_an_echo_is_of_the_class_of_what_sends_most() -> None:
    ground, roof = int(Label.GROUND), int(Label.BUILDING)
    many = hits([[800, 800.1, 800.2]] * 50, [[ground, ground, roof]] * 50)
    made = told(many, resolution=1.0)
    assert (made.label == ground).mean() > 0.9


def test_weak_echoes_are_not_noticed() -> None:
    many = hits([[800, 800, 800]] * 200)
    assert len(told(many, weakest=1e9).pulse) == 0
    assert 20 < len(told(many, weakest=0.4).pulse) < 180


@given(seed=st.integers(0, 99), count=st.integers(0, 60))
def test_numbers_run_from_one_to_the_count_by_distance(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    zero = np.zeros(count, dtype=np.uint8)
    shuffled = Echoes(
        rng.integers(0, 20, count), rng.random(count), rng.random(count), zero, zero, zero, zero
    )
    made = numbered(shuffled)
    for pulse in np.unique(made.pulse):
        rows = made.pulse == pulse
        assert made.number[rows].tolist() == [*range(1, rows.sum() + 1)]
        assert (made.count[rows] == rows.sum()).all()
        assert (np.diff(made.distance[rows]) >= 0).all()
