"""How votes are kept: those of models that learn objects say where the centre is, too."""

from __future__ import annotations

import pytest

from volseg.geometry.labels import LabelClass, LabelMap
from volseg.predict.scans.tile_input import VOTE, vote_type


@pytest.mark.parametrize(
    ("grouping", "names"),
    [
        (None, ("label", "confidence")),
        ("components", ("label", "confidence")),
        ("centre", ("label", "confidence", "cell", "weight")),
    ],
)
def test_votes_are_as_short_as_they_can_be(grouping: str | None, names: tuple[str, ...]) -> None:
    labels = LabelMap((LabelClass("car", (1,), "#000000", grouping=grouping),))  # type: ignore[arg-type]
    assert vote_type(labels).names == names
    assert (vote_type(labels) == VOTE) == (len(names) == 2)
