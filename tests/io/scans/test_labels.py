"""Labels of scans: the field that holds them, and what a file can hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.io.scans.labels import class_ids, fit, label_name


@pytest.mark.parametrize(
    "name", ["label", "labels", "Class", "scalar_Label", "scalar_Classification", "SEM_CLASS"]
)
def test_usual_label_names_are_found_in_any_case(name):
    assert label_name(["intensity", name], None) == name


def test_the_field_asked_for_is_taken_before_the_usual_ones():
    assert label_name(["label", "other"], "other") == "other"
    assert label_name(["instance"], None) is None
    assert label_name(["classification", "label"], None) == "label"


@given(st.lists(st.integers(-(2**53) + 1, 2**53 - 1), max_size=20))
def test_whole_floats_are_labels(values):
    assert class_ids(np.array(values, dtype=np.float64), "f").tolist() == values


@pytest.mark.parametrize("value", [0.5, np.inf, -np.inf, 1e300])
def test_other_floats_are_not(value):
    with pytest.raises(InputError, match="'f' holds"):
        class_ids(np.array([1.0, value]), "f")


def test_ids_beyond_64_bits_are_refused():
    with pytest.raises(InputError, match=str(2**63)):
        class_ids(np.array([2**63], dtype=np.uint64), "f")


@given(
    st.lists(st.integers(-(2**40), 2**40), max_size=10),
    st.sampled_from(["u1", "i1", "<u2", ">i2", "<u4", "i4", "i8", "f4", "f8"]),
)
def test_labels_are_stored_exactly_or_refused(labels, kind):
    wanted = np.array(labels, dtype=np.int64)
    try:
        stored = fit(wanted, np.dtype(kind), "f")
    except InputError:
        exact = [int(np.array(v).astype(kind).astype(np.float64)) == v for v in labels]
        assert not all(exact)
    else:
        assert stored.dtype == np.dtype(kind)
        assert np.array_equal(stored.astype(np.int64), wanted)
