"""Whole volumes encode as their ids do, in the least type."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.data.volumes.encode import encode_volume
from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap

ONE = LabelClass("one", (1, 7), "#000000")
TWO = LabelClass("two", (7, 300), "#FFFFFF")
EXCLUSIVE = LabelMap((LabelClass("none", (0,), "#000000"), ONE), ignore=(255, 300))
REGIONS = LabelMap((ONE, TWO), ignore=(255,), overlap=True)


@pytest.mark.parametrize("labels", [EXCLUSIVE, REGIONS])
def test_as_the_label_map_does(labels: LabelMap) -> None:
    raw = np.random.default_rng(0).choice([0, 1, 7, 255, 300], (5, 4, 3)).astype(np.int16)
    ids = encode_volume(raw, labels)
    assert ids.dtype == np.int8
    np.testing.assert_array_equal(ids, labels.encode(raw))


def test_many_classes_need_sixteen_bits() -> None:
    labels = LabelMap(tuple(LabelClass(str(one), (one,), "#000000") for one in range(200)))
    raw = np.arange(200).reshape(10, 5, 4)
    np.testing.assert_array_equal(encode_volume(raw, labels), raw)


def test_unknown_ids_are_counted_in_the_whole_volume() -> None:
    raw = np.zeros((3, 2, 2), np.uint8)
    raw[:, 0, 0] = 9
    with pytest.raises(InputError, match=r"class id 9 \(3 times\)"):
        encode_volume(raw, EXCLUSIVE)
