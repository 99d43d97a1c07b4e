"""Predictions find their truth by name, and are counted point by point."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.evaluate.scans import scores
from volseg.evaluate.scans.scores import Labelled, compare
from volseg.geometry import LabelClass, LabelMap, PointCloud
from volseg.io import write

MAP = LabelMap((LabelClass("road", (1,), "#000000"), LabelClass("car", (2, 3), "#FFFFFF")), (0,))


def scan(path: Path, *labels: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    xyz = np.arange(3.0 * len(labels)).reshape(-1, 3)
    write(path, PointCloud(xyz, labels=np.array(labels, dtype=np.int64)))
    return path


class TestCompare:
    def test_counts_by_the_label_map(self, tmp_path: Path) -> None:
        guess, truth = tmp_path / "p.ply", tmp_path / "t.ply"
        pair = (scan(guess, 1, 1, 2, 0, 1), scan(truth, 1, 3, 3, 1, 0))
        names, confusion = compare([pair], MAP)
        assert names == ("road", "car")
        assert confusion.matrix.tolist() == [[1, 0], [1, 1]]
        assert confusion.missed.tolist() == [1, 0]  # an ignored class is a miss

    def test_without_a_map_every_id_is_a_class(self, tmp_path: Path) -> None:
        pair = (scan(tmp_path / "p.ply", 1, 7, 7), scan(tmp_path / "t.ply", 1, 1, 40))
        names, confusion = compare([pair], None)
        assert names == ("1", "7", "40")
        assert confusion.matrix.tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]

    @pytest.mark.parametrize("labels", [MAP, None])
    def test_pairs_add_up(self, tmp_path: Path, labels: LabelMap | None) -> None:
        one = (scan(tmp_path / "p1.ply", 1, 2), scan(tmp_path / "t1.ply", 2, 2))
        two = (scan(tmp_path / "p2.ply", 1, 1, 2), scan(tmp_path / "t2.ply", 1, 2, 1))
        _, both = compare([one, two], labels)
        parts = [compare([pair], labels)[1].matrix for pair in (one, two)]
        np.testing.assert_array_equal(both.matrix, parts[0] + parts[1])

    def test_formats_may_differ(self, tmp_path: Path) -> None:
        (tmp_path / "0.label").write_bytes(np.array([1, 2 | 5 << 16], "<u4").tobytes())
        for name in ("t.laz", "t.xyz", "t.npz", "t.bin"):
            _, confusion = compare([(tmp_path / "0.label", scan(tmp_path / name, 1, 2))], MAP)
            assert confusion.matrix.tolist() == [[1, 0], [0, 1]]

    def test_the_label_field_is_the_truths(self, tmp_path: Path) -> None:
        truth = tmp_path / "t.ply"
        cloud = PointCloud(np.eye(3), {"gt": np.array([1, 1, 2])}, np.array([2, 2, 2]))
        write(truth, cloud)
        pair = (scan(tmp_path / "p.ply", 1, 1, 2), truth)
        _, confusion = compare([pair], MAP, label_field="gt")
        assert confusion.matrix.tolist() == [[2, 0], [0, 1]]

    @pytest.mark.parametrize("labels", [MAP, None])
    def test_lengths_that_differ(self, tmp_path: Path, labels: LabelMap | None) -> None:
        pair = (scan(tmp_path / "p.ply", 1, 2), scan(tmp_path / "t.ply", 1, 2, 2))
        with pytest.raises(InputError, match=r"p\.ply: holds 2 labels.*t\.ply has 3"):
            compare([pair], labels)

    @pytest.mark.parametrize("wrong", ["p", "t"])
    def test_an_id_outside_the_map_names_its_file(self, tmp_path: Path, wrong: str) -> None:
        ids = {name: (1, 9) if name == wrong else (1, 2) for name in "pt"}
        pair = (scan(tmp_path / "p.ply", *ids["p"]), scan(tmp_path / "t.ply", *ids["t"]))
        with pytest.raises(InputError, match=rf"{wrong}\.ply: class id 9"):
            compare([pair], MAP)

    @pytest.mark.parametrize("wrong", ["p", "t"])
    def test_a_scan_without_labels_is_named(self, tmp_path: Path, wrong: str) -> None:
        pair = (scan(tmp_path / "p.ply", 1, 2, 1), scan(tmp_path / "t.ply", 1, 2, 1))
        write(tmp_path / f"{wrong}.ply", PointCloud(np.eye(3)), overwrite=True)
        with pytest.raises(InputError, match=rf"{wrong}\.ply: the scan has no labels"):
            compare([pair], MAP)

    def test_no_points_at_all(self, tmp_path: Path) -> None:
        pair = (scan(tmp_path / "p.ply"), scan(tmp_path / "t.ply"))
        assert compare([pair], MAP)[1].matrix.sum() == 0
        with pytest.raises(InputError, match="no point"):
            compare([pair], None)


IDS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30)


@given(st.lists(IDS, min_size=1, max_size=3))
def test_ids_are_counted_as_classes_of_their_own(cases: list[list[tuple[int, int]]]) -> None:
    pairs = [(Path(f"p{number}"), Path(f"t{number}")) for number in range(len(cases))]
    columns = [np.array(case).T for case in cases]

    def read(guess: Path, truth: Path, *_: Any) -> tuple[Labelled, Labelled]:
        predicted, true = columns[int(guess.name[1:])]
        return Labelled(predicted, None), Labelled(true, None)

    every = LabelMap(
        tuple(LabelClass(str(one), (one,), "#000000") for one in np.unique(np.hstack(columns)))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scores, "read_pair", read)
        names, sparse = compare(pairs, None)
        assert names == every.names
        np.testing.assert_array_equal(sparse.counts, compare(pairs, every)[1].counts)


def test_however_many_pairs_there_are_few_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[weakref.ref[Any]] = []

    def read(guess: Path, truth: Path, *_: Any) -> tuple[Labelled, Labelled]:
        gc.collect()
        assert sum(one() is not None for one in kept) <= 2
        both = np.arange(1000), np.arange(1000) // 2
        kept.extend(weakref.ref(one) for one in both)
        return Labelled(both[0], None), Labelled(both[1], None)

    monkeypatch.setattr(scores, "read_pair", read)
    names, confusion = compare([(Path("p"), Path("t"))] * 9, None)
    assert len(names) == 1000
    assert confusion.counts.sum() == 9000
