"""Datasets that a CSV file lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.volumes.datasets.layouts import table, touch
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.errors import InputError


class TestCsv:
    def test_columns_in_their_order(self, tmp_path: Path) -> None:
        touch(tmp_path, "p/t2.nii p/t1.nii p/seg.nii q/t2.nii q/t1.nii q/seg.nii")
        rows = "case,image_t2,image_t1,label,group,age\n"
        rows += "".join(f"{one},{one}/t2.nii,{one}/t1.nii, {one}/seg.nii,g,7\n" for one in "qp")
        (tmp_path / "pairs.csv").write_text(rows, encoding="utf-8-sig")
        dataset = read_dataset(tmp_path / "pairs.csv")
        wanted = {one: [f"{one}/t2.nii", f"{one}/t1.nii", f"{one}/seg.nii"] for one in "pq"}
        assert table(dataset) == wanted
        assert dataset.channels == ("t2", "t1")
        assert dataset.groups == {"p": "g", "q": "g"}

    def test_a_column_of_files_of_ids(self, tmp_path: Path) -> None:
        touch(tmp_path, "a.png l.png i.png")
        (tmp_path / "d.csv").write_text("image,label,objects\na.png,l.png,i.png\n")
        dataset = read_dataset(tmp_path / "d.csv")
        assert dataset.cases[0].objects == tmp_path / "i.png"
        assert dataset.numbers_objects
        (tmp_path / "i.png").unlink()
        with pytest.raises(InputError, match=r"i\.png: the file of ids is missing; add it"):
            read_dataset(tmp_path / "d.csv")

    def test_names_are_those_of_the_images(self, tmp_path: Path) -> None:
        touch(tmp_path, "a.nii.gz b.png l.nii.gz")
        (tmp_path / "d.csv").write_text("image;label\na.nii.gz;l.nii.gz\n\nb.png;l.nii.gz\n")
        dataset = read_dataset(tmp_path / "d.csv")
        assert list(table(dataset)) == ["a", "b"]
        assert (dataset.channels, dataset.groups) == (None, None)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("picture,label\na,b\n", "wanted label and image"),
            ("image,label\na.nii,\n", "line 2 lacks its label"),
            ("image,label\n", "holds no row"),
            ("image,label\na.nii,a.nii\na.nii,a.nii\n", "a name of its own"),
            ("case,image,label\n../x,a.nii,a.nii\n", "a name that a file can have"),
            ("image,label\nb.nii,a.nii\n", "the image is missing"),
            ("image,label\na.nii,b.nii\n", "no label"),
            ("image,label\n\x00\xff", "is no CSV file"),
        ],
    )
    def test_bad_files(self, tmp_path: Path, text: str, said: str) -> None:
        path = touch(tmp_path, "a.nii") / "d.csv"
        path.write_text(text, encoding="latin-1")
        with pytest.raises(InputError, match=said):
            read_dataset(path)
