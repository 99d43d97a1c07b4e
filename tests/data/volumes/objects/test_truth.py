"""Truth of objects: however a file says it, the same classes and objects come out."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.data.volumes.objects.truth import number_objects, split_truth
from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap

NUCLEI = LabelMap((LabelClass("rest", (0,), ""), LabelClass("nucleus", (5,), "", thing=True)))
STREET = LabelMap(
    (
        LabelClass("road", (7,), ""),
        LabelClass("car", (26,), "", thing=True),
        LabelClass("person", (24,), "", grouping="centre"),
    ),
    ignore=(255,),
)


def row(*ids: int) -> np.ndarray:
    return np.array(ids)[:, None, None]


def test_ids_are_objects_of_the_only_thing():
    classes, ids = split_truth(row(0, 3, 3, 900), NUCLEI, "ids")
    assert classes.ravel().tolist() == [0, 5, 5, 5]
    assert ids.ravel().tolist() == [0, 3, 3, 900]


def test_all_ways_to_say_it_agree():
    raw = row(7, 26001, 26001, 26002, 7, 24001, 255)
    by_thousands = split_truth(raw, STREET, "thousands")
    plain = row(7, 26, 26, 26, 7, 24, 255)
    by_file = split_truth(plain, STREET, "file", row(0, 4, 4, 9, 0, 4, 0))
    for classes, _ in (by_thousands, by_file):
        assert np.array_equal(classes, plain)
    numbers = [number_objects(STREET.encode(c), ids, STREET) for c, ids in (by_thousands, by_file)]
    for found, kinds in numbers:
        assert found.ravel().tolist() == [0, 1, 1, 2, 0, 3, 0]
        assert kinds.tolist() == [-1, 1, 1, 2]


def test_components_touch_by_corners():
    plain = np.full((4, 4, 1), 7)
    plain[0, 0] = plain[1, 1] = plain[3, 3] = 26
    _, ids = split_truth(plain, STREET, "components")
    assert ids[0, 0] == ids[1, 1] != ids[3, 3]
    assert (ids > 0).sum() == 3


@pytest.mark.parametrize(
    ("raw", "labels", "kind", "words"),
    [
        (row(0, -2), NUCLEI, "ids", "object id -2"),
        (row(0, 2**32), NUCLEI, "ids", "object id 4294967296"),
        (row(0, 1), STREET, "ids", "several things"),
        (row(0, 1), LabelMap((LabelClass("a", (0, 1), ""),)), "ids", "no class is a thing"),
        (row(0, 1), NUCLEI, "file", "no file of the objects' ids"),
    ],
)
def test_what_cannot_be_is_refused(raw, labels, kind, words):
    with pytest.raises(InputError, match=words):
        split_truth(raw, labels, kind)
