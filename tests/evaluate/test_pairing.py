"""Predictions find their truth by place and name in folders, and nothing is matched twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.evaluate.pairing import Names, pair_files


def named(root: str, names: str | list[str]) -> dict[Path, Names]:
    some = names.split() if isinstance(names, str) else names
    return {Path(root) / name: (name, name.split(".")[0]) for name in some}


@pytest.mark.parametrize(
    ("guesses", "truths", "pairs"),
    [
        ("a.laz b.laz", "b.laz a.laz", "a.laz:a.laz b.laz:b.laz"),
        ("north/a.laz south/a.laz", "south/a.las north/a.las",
         "north/a.laz:north/a.las south/a.laz:south/a.las"),
        ("a.laz", "north/a.laz south/b.laz", "a.laz:north/a.laz"),  # written into one folder
        ("21_training.png 22_training.png", "22_manual1.gif 21_manual1.gif 23_manual1.gif",
         "21_training.png:21_manual1.gif 22_training.png:22_manual1.gif"),
        ("a.png b.png", "a_mask.png b_mask.png", "a.png:a_mask.png b.png:b_mask.png"),
        ("a_pred.png b_pred.png", "a.png b.png", "a_pred.png:a.png b_pred.png:b.png"),
        ("a.png a_pred.png", "a.png", "a.png:a.png"),
    ],
)  # fmt: skip
def test_pairs(guesses: str, truths: str, pairs: str) -> None:
    found, _ = pair_files(named("p", guesses), named("t", truths))
    assert {f"{one.relative_to('p')}:{other.relative_to('t')}" for one, other in found} == set(
        pairs.split()
    )


@pytest.mark.parametrize(
    ("guesses", "truths", "said"),
    [
        ("z.laz", "a.laz", "p/z.laz: no truth of this name in t; wanted one"),
        ("a.laz", "north/a.laz south/a.laz", "p/a.laz: 2 truths of this name in t; wanted one"),
        ("a.laz a.ply", "a.laz", "t/a.laz: 2 predictions in p; wanted one"),
    ],
)
def test_doubt_costs_the_item_alone(guesses: str, truths: str, said: str) -> None:
    files = named("p", guesses + " fine.laz"), named("t", truths + " fine.laz")
    pairs, errors = pair_files(*files)
    assert pairs == [(Path("p/fine.laz"), Path("t/fine.laz"))]
    assert [str(error) for error in errors] == [said]


words = st.lists(st.text("ab_1/", min_size=1, max_size=5), min_size=1, max_size=6, unique=True)
fine = words.filter(lambda names: not any(one.startswith("/") for one in names))


@given(fine, fine)
def test_no_file_is_used_twice(guesses: list[str], truths: list[str]) -> None:
    pairs, _ = pair_files(named("p", guesses), named("t", truths))
    for side in zip(*pairs, strict=True):
        assert len(set(side)) == len(side)
