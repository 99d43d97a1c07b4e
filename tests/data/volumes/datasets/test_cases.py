"""Cases, and problems that can be raised as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.data.volumes.datasets.cases import Case, Dataset, Problem
from volseg.errors import InputError


@pytest.mark.parametrize("message", ["holds NaN; replace it", "a; b; turn it round"])
def test_an_error_becomes_a_problem_and_an_error_again(message: str) -> None:
    problem = Problem.of("a", InputError(message), Path("a.nii"))
    assert problem.remedy == message.rpartition("; ")[2]
    assert str(problem.error()) == f"a.nii: {message}"


def test_an_error_that_names_its_file_keeps_it_and_gets_a_remedy() -> None:
    problem = Problem.of("a", InputError("is empty", path=Path("b.nii")), Path("a.nii"))
    assert str(problem.error()) == "b.nii: is empty; replace it"


def test_a_dataset_has_groups_where_a_case_has_one() -> None:
    alone, grouped = (Case(name, (), None, group) for name, group in (("a", None), ("b", "g")))
    assert Dataset(Path(), "CSV", (alone,)).groups is None
    assert Dataset(Path(), "CSV", (alone, grouped)).groups == {"b": "g"}
