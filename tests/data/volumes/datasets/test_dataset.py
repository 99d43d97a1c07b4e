"""Datasets: the layouts people have, and files that are missing or there twice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.data.volumes.datasets.dataset import Dataset, read_dataset, survey
from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap


def touch(folder: Path, files: str) -> Path:
    """Empty files: reading a dataset opens no volume."""
    for name in files.split():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def describe(folder: Path, **said: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "dataset.json").write_text(json.dumps(said))
    return folder


def table(dataset: Dataset) -> dict[str, list[str]]:
    """Names of the files of every case, from the dataset's folder."""
    return {
        case.name: [
            file.relative_to(dataset.folder).as_posix()
            for file in (*case.images, *([case.label] if case.label else []))
        ]
        for case in dataset.cases
    }


def pairs(names: Iterable[str]) -> list[dict[str, str]]:
    return [
        {"image": f"./imagesTr/{one}.nii.gz", "label": f"./labelsTr/{one}.nii.gz"} for one in names
    ]


DECATHLON = {"modality": {"1": "T2", "0": "ADC"}, "labels": {"0": "background", "1": "zone"}}
TWO = {"a": ["imagesTr/a.nii.gz", "labelsTr/a.nii.gz"],
       "b": ["imagesTr/b.nii.gz", "labelsTr/b.nii.gz"]}  # fmt: skip


class TestDecathlon:
    def test_one_file_a_case(self, tmp_path: Path) -> None:
        files = "imagesTr/b.nii.gz imagesTr/a.nii.gz labelsTr/a.nii.gz labelsTr/b.nii.gz"
        touch(tmp_path, f"{files} imagesTr/._a.nii.gz labelsTr/._a.nii.gz imagesTs/c.nii.gz")
        describe(tmp_path, **DECATHLON, training=pairs(["b", "._a", "a"]), test=[])
        dataset, problems = survey(tmp_path)
        assert table(dataset) == TWO
        assert problems == []
        assert dataset.layout == "Decathlon"
        assert dataset.channels == ("ADC", "T2")
        assert dataset.classes == {"background": (0,), "zone": (1,)}
        assert read_dataset(tmp_path / "dataset.json") == dataset

    def test_one_file_a_channel(self, tmp_path: Path) -> None:
        touch(tmp_path, "imagesTr/a_0000.nii.gz imagesTr/a_0001.nii.gz labelsTr/a.nii.gz")
        describe(tmp_path, **DECATHLON, training=pairs(["a"]))
        files = ["imagesTr/a_0000.nii.gz", "imagesTr/a_0001.nii.gz", "labelsTr/a.nii.gz"]
        assert table(read_dataset(tmp_path)) == {"a": files}

    def test_a_file_that_is_not_listed_is_mentioned(self, tmp_path: Path) -> None:
        touch(tmp_path, "imagesTr/a.nii.gz imagesTr/b.nii.gz labelsTr/a.nii.gz labelsTr/b.nii.gz")
        describe(tmp_path, **DECATHLON, training=pairs(["a"]))
        dataset, (problem,) = survey(tmp_path)
        assert list(table(dataset)) == ["a"]
        assert (problem.case, problem.severity) == ("b", "warning")
        read_dataset(tmp_path)  # it is no error


class TestNnunet:
    def test_channels_and_file_ending(self, tmp_path: Path) -> None:
        files = "imagesTr/x_0001_0000.png imagesTr/x_0001_0001.png labelsTr/x_0001.png"
        touch(tmp_path, f"{files} labelsTr/x_0001.nii.gz imagesTr/notes.txt")
        said = {"channel_names": {"0": "R", "1": "G"}, "labels": {"background": 0, "road": 7}}
        dataset = read_dataset(describe(tmp_path, **said, file_ending=".png"))
        assert table(dataset) == {"x_0001": files.split()}
        assert dataset.channels == ("R", "G")
        assert dataset.classes == {"background": (0,), "road": (7,)}

    def test_listed_files(self, tmp_path: Path) -> None:
        touch(tmp_path, "far/one.nii.gz far/two.nii.gz truth.nii.gz")
        listed = {"a": {"images": ["far/one.nii.gz", "far/two.nii.gz"], "label": "truth.nii.gz"}}
        said = {"channel_names": {"0": "R", "1": "G"}, "labels": {"background": 0, "road": 1}}
        describe(tmp_path, **said, file_ending=".nii.gz", dataset=listed)
        wanted = {"a": ["far/one.nii.gz", "far/two.nii.gz", "truth.nii.gz"]}
        assert table(read_dataset(tmp_path)) == wanted

    def labelled(self, folder: Path, labels: Any, order: Any = None) -> Dataset:
        touch(folder, "imagesTr/a_0000.nii.gz labelsTr/a.nii.gz")
        said = {"file_ending": ".nii.gz", "labels": labels, "channel_names": {"0": "T1"}}
        return read_dataset(describe(folder, **said, regions_class_order=order))

    def test_ignore(self, tmp_path: Path) -> None:
        dataset = self.labelled(tmp_path, {"background": 0, "cell": 255, "ignore": 3})
        assert dataset.classes == {"background": (0,), "cell": (255,)}
        assert (dataset.ignore, dataset.overlap) == ((3,), False)

    def test_regions_are_written_as_they_were(self, tmp_path: Path) -> None:
        """The round trip of BraTS' regions: whole tumour, core, enhancing tumour."""
        regions = {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "enhancing": 3}
        dataset = self.labelled(tmp_path, regions | {"ignore": 9}, [1, 2, 3])
        assert dataset.classes == {"whole": (1, 2, 3), "core": (2, 3), "enhancing": (3,)}
        assert (dataset.ignore, dataset.overlap) == ((9,), True)
        classes = tuple(LabelClass(*one, "#000000") for one in dataset.classes.items())
        labels = LabelMap(classes, dataset.ignore, overlap=True, background=dataset.background)
        raw = np.array([0, 3, 1, 2, 2, 0])
        assert labels.decode(labels.encode(raw)).tolist() == raw.tolist()
        assert (labels.encode(np.array([9])) == -1).all()

    def test_the_first_id_is_the_one_painted(self, tmp_path: Path) -> None:
        regions = {"background": 0, "core": [1, 4], "oedema": [2, 1, 4]}
        dataset = self.labelled(tmp_path, regions, [4, 1])
        assert dataset.classes == {"core": (4, 1), "oedema": (1, 2, 4)}

    @pytest.mark.parametrize(
        ("labels", "order", "said"),
        [
            ({"background": 0, "whole": [1, 2]}, None, "regions_class_order: found None"),
            ({"background": 0, "whole": [1, 2]}, [1, 2], "regions_class_order"),
            ({"background": 0, "whole": [1, 2]}, [7], "7 is no id of whole"),
            ({"background": 0, "cell": 1.5}, None, "cell: found 1.5"),
            ({"background": 0, "cell": True}, None, "cell: found True"),
            ({"background": 0, "cell": []}, None, "cell: found"),
            ([0, 1], None, "labels: found"),
            ({"0": "background", "1": "background"}, None, "twice"),
        ],
    )
    def test_bad_labels(self, tmp_path: Path, labels: Any, order: Any, said: str) -> None:
        with pytest.raises(InputError, match=said) as caught:
            self.labelled(tmp_path, labels, order)
        assert caught.value.path == tmp_path / "dataset.json"


class TestFolders:
    @pytest.mark.parametrize(
        ("files", "cases"),
        [
            (
                "images/a.png images/b.tif labels/a.png labels/b.tif images/Thumbs.db",
                {"a": ["images/a.png", "labels/a.png"], "b": ["images/b.tif", "labels/b.tif"]},
            ),
            (  # DRIVE; its masks are fields of view
                "images/21_training.tif 1st_manual/21_manual1.gif mask/21_training_mask.gif",
                {"21_training": ["images/21_training.tif", "1st_manual/21_manual1.gif"]},
            ),
            ("Image/0.png Masks/0.png", {"0": ["Image/0.png", "Masks/0.png"]}),
            (
                "imagesTr/a_0000.nii imagesTr/a_0001.nii labelsTr/a_seg.nii.gz",
                {"a": ["imagesTr/a_0000.nii", "imagesTr/a_0001.nii", "labelsTr/a_seg.nii.gz"]},
            ),
            (  # numbers of cases, not of channels
                "images/s_0000.nii images/s_0001.nii labels/s_0000.nii labels/s_0001.nii",
                {
                    "s_0000": ["images/s_0000.nii", "labels/s_0000.nii"],
                    "s_0001": ["images/s_0001.nii", "labels/s_0001.nii"],
                },
            ),
        ],
    )
    def test_layouts(self, tmp_path: Path, files: str, cases: dict[str, list[str]]) -> None:
        dataset, problems = survey(touch(tmp_path, files))
        assert table(dataset) == cases
        assert problems == []
        assert (dataset.classes, dataset.channels) == (None, None)

    @pytest.mark.parametrize(
        ("files", "at", "said", "severity"),
        [
            ("images/b.nii", "images/b.nii", "no label", "error"),
            ("labels/b.nii", "labels/b.nii", "no image", "warning"),
            ("images/a.nii.gz", "images/a.nii.gz", "another file of this name", "error"),
            ("labels/a.nii.gz", "labels/a.nii.gz", "another file of this name", "error"),
        ],
    )
    def test_missing_and_doubled(
        self, tmp_path: Path, files: str, at: str, said: str, severity: str
    ) -> None:
        dataset, (problem,) = survey(touch(tmp_path, f"images/a.nii labels/a.nii {files}"))
        assert list(table(dataset)) == ["a"]
        assert (problem.path, problem.severity) == (tmp_path / at, severity)
        assert said in problem.message
        if severity == "error":
            with pytest.raises(InputError, match=said) as caught:
                read_dataset(tmp_path)
            assert caught.value.path == tmp_path / at

    def test_a_channel_that_one_case_lacks(self, tmp_path: Path) -> None:
        images = "images/a_0000.nii images/a_0001.nii images/b_0001.nii"
        touch(tmp_path, f"{images} labels/a.nii labels/b.nii")
        dataset, (problem,) = survey(tmp_path)
        assert list(table(dataset)) == ["a"]
        assert problem.path == tmp_path / "images/b_0000.nii"


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


class TestNoDataset:
    @pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"training": [3]}'])
    def test_bad_descriptions(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "dataset.json").write_text(text)
        with pytest.raises(InputError) as caught:
            read_dataset(tmp_path)
        assert caught.value.path == tmp_path / "dataset.json"

    @pytest.mark.parametrize("files", ["notes.txt", "images/a.nii", "images/a.txt labels/a.nii"])
    def test_folders_without_one(self, tmp_path: Path, files: str) -> None:
        with pytest.raises(InputError, match="wanted"):
            read_dataset(touch(tmp_path, files))

    def test_nothing_there(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="does not exist"):
            read_dataset(tmp_path / "nowhere")
        describe(tmp_path, **DECATHLON, training=[])
        with pytest.raises(InputError, match="no training case"):
            read_dataset(tmp_path)


@pytest.mark.parametrize(
    ("folder", "layout", "cases", "classes"),
    [
        ("mri/Task04_Hippocampus", "Decathlon", 208, [0, 1, 2]),
        ("mri/Dataset105_Prostate", "nnU-Net", 18, [0, 1, 2]),
        ("img2d/isbi2012_em", "image and label", 24, None),
        ("img2d/drive_retina", "images and 1st_manual", 20, None),
    ],
)
def test_real_datasets(
    shared_data: Path, folder: str, layout: str, cases: int, classes: list[int] | None
) -> None:
    dataset = read_dataset(shared_data / folder)
    assert (dataset.layout, len(dataset.cases)) == (layout, cases)
    ids = dataset.classes and [value for ids in dataset.classes.values() for value in ids]
    assert ids == classes
