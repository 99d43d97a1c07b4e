"""Dice of one case: its formula, on raw ids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from volseg.errors import InputError
from volseg.evaluate.volumes.dice import case_dice
from volseg.geometry.labels import LabelClass, LabelMap


def label_map(*ids: tuple[int, ...], **kw: object) -> LabelMap:
    classes = tuple(LabelClass(f"c{n}", one, "#000000") for n, one in enumerate(ids))
    return LabelMap(classes, **kw)  # type: ignore[arg-type]


MAP = label_map((0,), (5, 6), (200,), ignore=(9,))
REGIONS = label_map((1, 2, 3), (3,), (2, 3), ignore=(9,), overlap=True)


def volumes(*ids: int) -> st.SearchStrategy[np.ndarray]:
    return arrays(np.int16, (3, 4, 2), elements=st.sampled_from(ids))


@pytest.mark.parametrize(
    ("labels", "ids"), [(MAP, (0, 5, 6, 200)), (REGIONS, (0, 1, 2, 3))], ids=["classes", "regions"]
)
@given(data=st.data())
def test_is_twice_what_is_shared_over_the_sum(
    labels: LabelMap, ids: tuple[int, ...], data: st.DataObject
) -> None:
    truth = data.draw(volumes(*ids, 9))
    guess = data.draw(volumes(*ids))
    known = truth != 9
    for found, one in zip(case_dice(labels, truth, guess), labels.classes, strict=True):
        a, b = np.isin(truth, one.ids) & known, np.isin(guess, one.ids) & known
        if not a.any() and not b.any():
            assert np.isnan(found)
        else:
            assert found == pytest.approx(2 * (a & b).sum() / (a.sum() + b.sum()))


@given(volumes(0, 5, 200))
def test_a_perfect_case_has_one_wherever_there_is_something(truth: np.ndarray) -> None:
    dice = case_dice(MAP, truth, truth)
    present = [np.isin(truth, one.ids).any() for one in MAP.classes]
    assert np.array_equal(dice == 1.0, present)
    assert np.array_equal(np.isnan(dice), np.logical_not(present))


def test_a_class_in_either_alone_has_zero() -> None:
    dice = case_dice(MAP, np.array([0, 5, 0]), np.array([0, 0, 200]))
    assert dice.tolist() == [0.5, 0.0, 0.0]


def test_ids_outside_the_map_are_refused() -> None:
    with pytest.raises(InputError, match="class id 7"):
        case_dice(MAP, np.array([0, 7]), np.array([0, 0]))
