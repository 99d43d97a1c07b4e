"""Classes of a dataset that names none, and the order that scores expect."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from volseg.data.volumes.datasets.classes import background_first, named


@given(st.sets(st.integers(-9, 999)))
def test_every_id_has_a_name_of_its_own(ids: set[int]) -> None:
    classes = named(ids)
    assert {value for (value,) in classes.values()} == ids
    assert ("background" in classes) == (0 in ids)


@given(st.sets(st.integers(0, 9)), st.randoms())
def test_background_leads_and_the_others_keep_their_order(ids: set[int], random: object) -> None:
    classes = list(named(ids).items())
    random.shuffle(classes)  # type: ignore[attr-defined]
    ordered = list(background_first(dict(classes)))
    others = [name for name, _ in classes if name != "background"]
    assert ordered == ["background"] * (0 in ids) + others
