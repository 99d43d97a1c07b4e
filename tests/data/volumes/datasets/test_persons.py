"""Cases of one person by their names, and names that must not be taken for a person's."""

from __future__ import annotations

import pytest

from volseg.data.volumes.datasets.persons import persons, told_by_names

ONE_PERSON = [
    ("patient001_frame01", "patient001_frame12", "patient002_frame01"),
    ("sub-01_ses-1_T1w", "sub-01_ses-2_T1w", "sub-02_ses-1_T1w"),
    ("sub-a7_run-1", "sub-a7_run-2", "sub-b7_run-1"),
    ("a_visit1", "a_visit2", "b_visit1"),
    ("p01_t0", "p01_t1", "p02_t0"),
    ("mouse12 week4", "mouse12 week8", "mouse13 week4"),
    ("001-baseline", "001-follow-up", "002-baseline"),
    ("BraTS-GLI-00005-000", "BraTS-GLI-00005-001", "BraTS-GLI-00006-000"),
    ("case01a", "case01b", "case02a"),
    ("training01_01", "training01_02", "training02_01"),
    ("OAS1_0001_MR1", "OAS1_0001_MR2", "OAS1_0002_MR1"),
    ("Image_01L", "Image_01R", "Image_02L"),
    ("A0S9V9_ED", "A0S9V9_ES", "A1D0Q7_ED"),
    ("patient0001_2CH_ED", "patient0001_4CH_ES", "patient0002_2CH_ED"),
    ("visit1_pat01", "visit2_pat01", "visit1_pat02"),
    ("12_20190301", "12_20200314", "13_20190301"),
    ("7_slice001", "7_slice002", "8_slice001"),
    ("x1_visit1_mri", "x1_visit2_mri", "x2_visit1_mri"),
]
EVERYBODY_ANOTHER = [
    ("hippocampus_001", "hippocampus_003", "hippocampus_004"),
    ("Case00", "Case01", "Case02"),
    ("case_000", "case_001", "case_002"),
    ("21_training", "22_training", "23_training"),
    ("0", "1", "10", "11"),
    ("101a", "102a", "103a"),
    ("slice_01", "slice_02"),
    ("brain_t1", "brain_t2"),
    ("LIDC-IDRI-0001", "LIDC-IDRI-0002"),
    ("liver_1", "liver_2", "spleen_1"),
    ("site1_001", "site1_002", "site2_001", "site2_002"),
    ("Prostate3T-01-0001", "Prostate3T-01-0002", "ProstateDx-01-0001", "ProstateDx-01-0002"),
    ("siteA_scan01", "siteA_scan02", "siteB_scan01"),
    ("siteA_sub-01", "siteB_sub-01", "siteA_sub-02"),
    ("2019_01", "2019_02", "2019_03", "2020_01"),
    ("subject_101_3T", "subject_102_3T"),
]


@pytest.mark.parametrize("names", ONE_PERSON, ids=lambda names: names[0])
def test_the_first_two_are_of_one_person(names: tuple[str, ...]) -> None:
    groups = persons(names)
    assert groups is not None
    first, second, third = (groups[name] for name in names)
    assert first == second != third


@pytest.mark.parametrize("names", EVERYBODY_ANOTHER, ids=lambda names: names[0])
def test_nobody_is_seen_twice(names: tuple[str, ...]) -> None:
    assert persons(names) is None


def test_the_order_of_names_does_not_matter() -> None:
    names = ("p1_visit1", "p2_visit1", "p1_visit2")
    assert persons(names) == persons(names[::-1])


def test_what_was_seen_is_told_with_an_example() -> None:
    groups = persons(("p1_visit1", "p2_visit1", "p1_visit2"))
    assert groups is not None
    assert told_by_names(groups) == (
        "3 cases of 2 persons, as their names tell (p1_visit1 and p1_visit2 are of one)"
    )
