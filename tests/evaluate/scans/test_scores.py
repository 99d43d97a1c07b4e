"""Predictions find their truth by name, and are counted point by point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.evaluate.scans.scores import compare, match
from volseg.geometry import LabelClass, LabelMap, PointCloud
from volseg.io import write

MAP = LabelMap((LabelClass("road", (1,), "#000000"), LabelClass("car", (2, 3), "#FFFFFF")), (0,))


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def scan(path: Path, *labels: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    xyz = np.arange(3.0 * len(labels)).reshape(-1, 3)
    write(path, PointCloud(xyz, labels=np.array(labels, dtype=np.int64)))
    return path


class TestMatch:
    def matched(self, root: Path, guesses: list[str], truths: list[str]) -> dict[str, str]:
        predicted, truth = touched(root / "p", *guesses), touched(root / "t", *truths)
        pairs, self.alone = match(predicted, truth)
        return {one.name: other.name for one, other in pairs}

    @pytest.mark.parametrize(
        ("guesses", "truths", "wanted"),
        [
            (["a.laz", "b.laz"], ["b.laz", "a.laz"], {"a.laz": "a.laz", "b.laz": "b.laz"}),
            (["a.las"], ["a.laz"], {"a.las": "a.laz"}),
            (["a.laz"], ["a.copc.laz"], {"a.laz": "a.copc.laz"}),
            (["a.laz"], ["a.laz", "a.xyz"], {"a.laz": "a.laz"}),
            (["0.label"], ["0.bin", "0.label"], {"0.label": "0.bin"}),
            (["0.label"], ["0.label"], {"0.label": "0.label"}),
            (["0.bin", "0.label"], ["0.bin", "0.label"], {"0.bin": "0.bin"}),
            (["a.xyz.gz"], ["a.ply"], {"a.xyz.gz": "a.ply"}),
            (["a.laz", "notes.md"], ["a.laz", "log.md"], {"a.laz": "a.laz"}),
        ],
    )
    def test_folders(
        self, tmp_path: Path, guesses: list[str], truths: list[str], wanted: dict[str, str]
    ) -> None:
        assert self.matched(tmp_path, guesses, truths) == wanted

    def test_truths_without_prediction_are_told(self, tmp_path: Path) -> None:
        self.matched(tmp_path, ["a.laz"], ["a.laz", "a.xyz", "b.laz", "c.laz"])
        assert [one.name for one in self.alone] == ["a.xyz", "b.laz", "c.laz"]

    def test_files_are_a_pair_whatever_their_names(self, tmp_path: Path) -> None:
        touched(tmp_path, "one.laz", "other.ply")
        pair = (tmp_path / "one.laz", tmp_path / "other.ply")
        assert match(*pair) == ([pair], [])

    @pytest.mark.parametrize("swap", [True, False])
    def test_a_file_finds_its_partner_in_a_folder(self, tmp_path: Path, swap: bool) -> None:
        folder = touched(tmp_path / "f", "a.laz", "b.laz")
        file = touched(tmp_path, "b.las") / "b.las"
        pairs, _ = match(folder, file) if swap else match(file, folder)
        assert pairs == [(folder / "b.laz", file) if swap else (file, folder / "b.laz")]

    @pytest.mark.parametrize(
        ("guesses", "truths", "said"),
        [
            (["z.laz"], ["a.laz"], "z.laz: no truth"),
            (["a.las"], ["a.laz", "a.xyz"], "a.las: 2 truths"),
            (["a.laz", "a.ply"], ["a.laz"], "a.laz: 2 predictions"),
            (["notes.md"], ["a.laz"], "holds no scan"),
            (["a.laz"], ["notes.md"], "holds no scan"),
        ],
    )
    def test_doubt_is_refused(
        self, tmp_path: Path, guesses: list[str], truths: list[str], said: str
    ) -> None:
        with pytest.raises(InputError, match=said):
            self.matched(tmp_path, guesses, truths)

    @pytest.mark.parametrize("missing", [0, 1])
    def test_a_path_that_is_not_there(self, tmp_path: Path, missing: int) -> None:
        paths = [touched(tmp_path, "a.laz") / "a.laz"] * 2
        paths[missing] = tmp_path / "nowhere"
        with pytest.raises(InputError, match="nowhere: no such file or folder"):
            match(*paths)


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
