"""Datasets with a dataset.json: the Decathlon's and nnU-Net's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.data.volumes.datasets.layouts import DECATHLON, describe, table, touch
from volseg.data.volumes.datasets.dataset import Dataset, read_dataset, survey
from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap


def pairs(names: Iterable[str]) -> list[dict[str, str]]:
    return [
        {"image": f"./imagesTr/{one}.nii.gz", "label": f"./labelsTr/{one}.nii.gz"} for one in names
    ]


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
