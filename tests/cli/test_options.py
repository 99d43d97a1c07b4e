"""Names of columns, and options that would change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg_cli.options import names_of, refuse


@pytest.mark.parametrize(
    ("columns", "names"), [(None, None), ("x", ("x",)), (" x, y ,z ", ("x", "y", "z"))]
)
def test_names_of_columns(columns: str | None, names: tuple[str, ...] | None) -> None:
    assert names_of(columns) == names


@pytest.mark.parametrize("columns", ["", "x,", ",x", "x,,y"])
def test_an_empty_name_is_refused(columns: str) -> None:
    with pytest.raises(InputError, match="a name between all commas"):
        names_of(columns)


@pytest.mark.parametrize("value", [True, 0, "", 1.5, ["a"]])
def test_an_option_that_is_given_is_refused_by_its_name(value: object) -> None:
    with pytest.raises(InputError, match=r"a\.laz: --label-field goes with scans"):
        refuse("scans", Path("a.laz"), series=None, flag=False, label_field=value)


def test_options_that_are_not_given_pass() -> None:
    refuse("scans", surface=False, tolerance=None)
