"""Fields: seeds, classes, objects."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.synthetic.field import generate_field
from volseg.synthetic.field.canvas import FieldLabel
from volseg.synthetic.pictures import LabelledPicture


@pytest.fixture(scope="module")
def fields() -> list[LabelledPicture]:
    return [generate_field(seed) for seed in range(8)]


def test_the_same_seed_gives_the_same_pixels(fields: list[LabelledPicture]) -> None:
    np.random.seed(1)  # noqa: NPY002 - the global state must not matter
    again = generate_field(3)
    assert again.image.tobytes() == fields[3].image.tobytes()
    assert again.labels.tobytes() == fields[3].labels.tobytes()
    assert again.objects.tobytes() == fields[3].objects.tobytes()


def test_every_class_occurs_and_no_other(fields: list[LabelledPicture]) -> None:
    there = set(np.concatenate([np.unique(each.labels) for each in fields]).tolist())
    assert there == set(FieldLabel)


def test_objects_are_all_that_stands(fields: list[LabelledPicture]) -> None:
    for each in fields:
        assert each.image.shape == (240, 320, 3)
        np.testing.assert_array_equal(each.objects > 0, each.labels >= FieldLabel.GOAL)
        numbers = np.unique(each.objects[each.objects > 0])
        for number in numbers:
            assert len(np.unique(each.labels[each.objects == number])) == 1


def test_lines_are_brighter_than_the_field(fields: list[LabelledPicture]) -> None:
    for each in fields:
        line, field = each.labels == FieldLabel.LINE, each.labels == FieldLabel.FIELD
        if line.sum() > 200:
            assert each.image[line].mean() > each.image[field].mean()


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(InputError, match="seed is -1"):
        generate_field(-1)
