"""Names that differ by a word for left and one for right, in the languages of labels."""

from __future__ import annotations

import pytest

from volseg.geometry.sides import lone_sides, side_pairs


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("kidney_left", "kidney_right"), ("LeftKidney", "RightKidney"), ("leftlung", "rightlung"),
        ("Hippocampus_L", "Hippocampus_R"), ("lung L", "lung R"), ("kidneyL", "kidneyR"),
        ("ctx-lh-bankssts", "ctx-rh-bankssts"), ("linke Niere", "rechte Niere"),
        ("rein gauche", "rein droit"), ("rene sinistro", "rene destro"), ("左肾", "右肾"),
        ("femur.l.2", "femur.r.2"), ("LV", "RV"), ("lKidney", "RKidney"),
    ],
)  # fmt: skip
def test_names_of_sides(left: str, right: str) -> None:
    assert side_pairs(["air", right, left]) == [(left, right)]


@pytest.mark.parametrize(
    "names",
    [("lung", "liver"), ("cleft", "nostril"), ("anterior", "posterior"), ("kidney_left", "spleen")],
)
def test_names_of_no_sides(names: tuple[str, str]) -> None:
    assert side_pairs(names) == []


@pytest.mark.parametrize(
    ("names", "lone"),
    [
        (["kidney_left", "spleen"], ["kidney_left"]), (["linke Niere", "Leber"], ["linke Niere"]),
        (["RightLung", "LeftLung", "left atrium"], ["left atrium"]), (["cleft", "LV", "liver"], []),
    ],
)  # fmt: skip
def test_one_side_alone(names: list[str], lone: list[str]) -> None:
    assert lone_sides(names) == lone
