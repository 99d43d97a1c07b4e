"""Which label goes with which image, by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.data.volumes.datasets.matching import match_names


@pytest.mark.parametrize(
    ("images", "labels", "pairs"),
    [
        ("0 1 10", "0 1 10", "0:0 1:1 10:10"),
        ("a b", "a_seg b_mask", "a:a_seg b:b_mask"),
        ("case_1 case_1_b", "case_1_seg case_1_b_seg", "case_1:case_1_seg case_1_b:case_1_b_seg"),
        ("21_training 22_training", "21_manual1 22_manual1", "21_training:21_manual1 "
         "22_training:22_manual1"),
        ("img_01 img_02", "seg_02 seg_01", "img_01:seg_01 img_02:seg_02"),
        ("sub-1_T1w sub-2_T1w", "sub-1_seg sub-2_seg", "sub-1_T1w:sub-1_seg sub-2_T1w:sub-2_seg"),
        ("a", "a_seg a_mask", ""),  # two would fit
        ("a", "a a_mask", "a:a"),
        ("case_1_img", "case_3_seg", ""),  # a number is never left out
        ("p1_l_img p1_r_img", "p2_l_seg p2_r_seg", ""),
        ("scan1 scan2", "scan12 scan11", ""),
    ],
)  # fmt: skip
def test_pairs(images: str, labels: str, pairs: str) -> None:
    wanted = dict(pair.split(":") for pair in pairs.split())
    assert match_names(images.split(), labels.split()) == wanted


words = st.lists(st.text("ab_12", min_size=1, max_size=6), min_size=1, max_size=8, unique=True)


@given(words, words, st.randoms())
def test_no_file_is_used_twice_and_order_does_not_matter(
    images: list[str], labels: list[str], random: object
) -> None:
    match = match_names(images, labels)
    assert set(match) <= set(images)
    assert set(match.values()) <= set(labels)
    assert len(set(match.values())) == len(match)
    random.shuffle(images)  # type: ignore[attr-defined]
    random.shuffle(labels)  # type: ignore[attr-defined]
    assert match_names(images, labels) == match


@given(words)
def test_equal_names_always_match(names: list[str]) -> None:
    assert match_names(names, names) == {name: name for name in names}
