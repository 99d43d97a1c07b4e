"""Folds: nnU-Net's split, and groups that stay together."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.data.volumes.datasets.folds import read_groups, read_splits, split_folds
from volseg.errors import InputError

# Validation indices that scikit-learn 1.7 gives: KFold(k, shuffle=True, random_state=12345).
SKLEARN = {
    (7, 5): [[3, 6], [0, 4], [1], [5], [2]],
    (18, 3): [[0, 7, 8, 10, 11, 15], [3, 6, 12, 14, 16, 17], [1, 2, 4, 5, 9, 13]],
    (18, 5): [[0, 10, 11, 15], [3, 7, 8, 12], [6, 14, 16, 17], [1, 4, 9], [2, 5, 13]],
}
SKLEARN_260_START = [
    [9, 10, 16, 18, 20, 30, 33, 40, 47, 50, 52, 54],
    [1, 14, 15, 17, 19, 26, 27, 39, 49, 55, 56, 66],
    [2, 4, 8, 13, 24, 25, 28, 35, 42, 44, 48, 51],
    [0, 3, 6, 12, 21, 22, 32, 37, 38, 41, 45, 46],
    [5, 7, 11, 23, 29, 31, 34, 36, 43, 53, 59, 64],
]


def numbered(many: int) -> list[str]:
    return [f"{number:03d}" for number in range(many)]


class TestScikitLearn:
    @pytest.mark.parametrize(("many", "folds"), SKLEARN)
    def test_validation(self, many: int, folds: int) -> None:
        split = split_folds(numbered(many), folds=folds)
        assert [[int(name) for name in held] for _, held in split] == SKLEARN[many, folds]

    def test_the_size_of_the_hippocampus_dataset(self) -> None:
        split = split_folds(numbered(260))
        assert [[int(name) for name in held[:12]] for _, held in split] == SKLEARN_260_START
        assert [len(train) for train, _ in split] == [208] * 5

    def test_groups_are_split_as_cases_are(self) -> None:
        groups = {f"{side}{subject}": f"{subject:03d}" for subject in range(18) for side in "lr"}
        split = split_folds(list(groups), groups, folds=3)
        assert [sorted({int(groups[one]) for one in held}) for _, held in split] == SKLEARN[18, 3]


names = st.lists(st.text("abc01", min_size=1, max_size=4), min_size=2, max_size=30, unique=True)


class TestLaws:
    @given(names, st.integers(2, 6), st.randoms())
    def test_every_case_is_validated_once_whatever_the_order(
        self, cases: list[str], folds: int, random: object
    ) -> None:
        if len(cases) < folds:
            with pytest.raises(InputError, match="fold"):
                split_folds(cases, folds=folds)
            return
        split = split_folds(cases, folds=folds)
        assert sorted(name for _, held in split for name in held) == sorted(cases)
        for train, held in split:
            assert sorted(train + held) == sorted(cases)
            assert train == sorted(train)
        random.shuffle(cases)  # type: ignore[attr-defined]
        assert split_folds(cases, folds=folds) == split

    @given(names, st.lists(st.sampled_from("stuvw"), min_size=30, max_size=30))
    def test_a_group_is_never_torn(self, cases: list[str], of: list[str]) -> None:
        groups = dict(zip(cases, of, strict=False))
        if len(set(groups.values())) < 2:
            with pytest.raises(InputError, match="group of cases, too few"):
                split_folds(cases, groups, folds=2)
            return
        for train, held in split_folds(cases, groups, folds=2):
            assert not {groups[one] for one in train} & {groups[one] for one in held}
            assert sorted(train + held) == sorted(cases)

    def test_a_case_without_a_group(self) -> None:
        with pytest.raises(InputError, match="'b' has no group"):
            split_folds(["a", "b"], {"a": "1"}, folds=2)


class TestGroupFiles:
    def test_what_is_written_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "groups.csv"
        path.write_text("case,group\na,one\n b ,one\nc,two\n")
        assert read_groups(path) == {"a": "one", "b": "one", "c": "two"}

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("case,group\na,\n", "line 2"),
            ("case,subject\na,1\n", "columns case and group"),
            ("case,group\na,1\na,2\n", "'a' stands twice"),
            ("case,group\n", "holds no row"),
            ("", "holds no row"),
        ],
    )
    def test_bad_files_are_named(self, tmp_path: Path, text: str, said: str) -> None:
        path = tmp_path / "groups.csv"
        path.write_text(text)
        with pytest.raises(InputError, match=said) as caught:
            read_groups(path)
        assert caught.value.path == path


class TestSplitFiles:
    def test_nnunets_own_folds_are_taken(self, tmp_path: Path) -> None:
        path = tmp_path / "splits_final.json"
        path.write_text('[{"train": ["b", "a"], "val": ["c"]}, {"train": ["c"], "val": []}]')
        assert read_splits(path, ["a", "b", "c"]) == [(["a", "b"], ["c"]), (["c"], [])]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("no json", "holds no folds"),
            ('{"train": []}', "holds no folds"),
            ('[{"train": ["a"]}]', "holds no folds"),
            ('[{"train": ["a"], "val": ["x"]}]', "fold 0 names 'x', which is no case"),
            ('[{"train": ["a"], "val": ["a"]}]', "fold 0 has 'a' on both sides"),
            ('[{"train": [], "val": ["a"]}]', "fold 0 trains on no case"),
        ],
    )
    def test_bad_files_are_named(self, tmp_path: Path, text: str, said: str) -> None:
        path = tmp_path / "splits_final.json"
        path.write_text(text)
        with pytest.raises(InputError, match=said) as caught:
            read_splits(path, ["a", "b"])
        assert caught.value.path == path
