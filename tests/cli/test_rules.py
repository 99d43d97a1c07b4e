"""Options of ``volseg predict`` for codes: what they are understood as, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg.predict.scans.codes import NO_RULES, ClassCodes
from volseg_cli.rules import rules_of


def test_options_become_rules(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text('{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}')
    rules = rules_of(
        "6, 9", "ground", "ground=2,vegetation=3/4/5@0.5/2", "0.5=1", tmp_path / "a.geojson"
    )
    assert rules.keep == (6, 9)
    assert rules.only == ("ground",)
    assert rules.codes == (
        ClassCodes("ground", (2,)), ClassCodes("vegetation", (3, 4, 5), (0.5, 2.0)),
    )  # fmt: skip
    assert rules.below == (0.5, 1)
    assert rules.area is not None
    assert rules_of(None, None, None, None, None) == NO_RULES


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("six", None, None, None), "--keep 'six': wanted a code"),
        ((None, None, "ground", None), "--write 'ground': wanted CLASS=CODE"),
        ((None, None, "tree=3/4", None), "--write 'tree=3/4'"),
        ((None, None, "tree=3/4/5@2/0.5", None), "rising heights"),
        ((None, None, None, "half=1"), "--below 'half=1': wanted a probability"),
    ],
)
def test_what_is_not_understood_is_named(
    options: tuple[str | None, str | None, str | None, str | None], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        rules_of(*options, None)
