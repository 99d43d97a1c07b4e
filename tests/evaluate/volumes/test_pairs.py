"""Predicted label volumes find their truth by name, and datasets name the classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from volseg.errors import InputError
from volseg.evaluate.pairs import pair_predictions
from volseg.evaluate.volumes.pairs import VolumePair, VolumePairs, fold_folders
from volseg.geometry.labels import LabelMap


def paired(predicted: Path, truth: Path) -> tuple[list[VolumePair], list[str], LabelMap | None]:
    """The pairs, the truths alone, and the classes; what has no partner is raised."""
    found = pair_predictions(predicted, truth)
    assert isinstance(found, VolumePairs)
    if found.failed:
        raise found.failed[0]
    return list(found.pairs), list(found.alone), found.labels


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def dataset(folder: Path, labels: dict[str, Any], **more: Any) -> Path:
    touched(folder, *(f"{kind}/{one}.nii.gz" for one in "ab" for kind in ("imagesTr", "labelsTr")))
    said = {"channel_names": {"0": "T1"}, "labels": labels, "file_ending": ".nii.gz"} | more
    (folder / "dataset.json").write_text(json.dumps(said))
    return folder


class TestPairs:
    def test_a_run_is_what_its_folds_held_out(self, tmp_path: Path) -> None:
        run = touched(
            tmp_path / "run", "fold_0/validation/a.nii.gz", "fold_1/validation/b.nii.gz",
            "fold_0/samples.png",
        )  # fmt: skip
        found = pair_predictions(run, dataset(tmp_path / "data", {"background": 0, "liver": 1}))
        assert isinstance(found, VolumePairs)
        assert not found.failed
        assert [pair.name for pair in found.pairs] == ["a", "b"]
        assert found.folds == {"a": "fold_0", "b": "fold_1"}

    @pytest.mark.parametrize(
        ("guesses", "truths", "wanted"),
        [
            (["a.nii.gz", "b.nii"], ["b.nii.gz", "a.nii"], "a b"),
            (["a.png"], ["a.tif", "b.tif"], "a"),
            (["a.nii.gz", "a_probabilities.nii", "notes.md", "s.csv"], ["a.nii.gz"], "a"),
            (["._a.nii.gz", "a.nii.gz"], ["a.nii.gz", "._a.nii.gz"], "a"),
        ],
    )
    def test_folders(
        self, tmp_path: Path, guesses: list[str], truths: list[str], wanted: str
    ) -> None:
        predicted, truth = touched(tmp_path / "p", *guesses), touched(tmp_path / "t", *truths)
        pairs, _, labels = paired(predicted, truth)
        assert [pair.name for pair in pairs] == wanted.split()
        assert [pair.predicted.name.split(".")[0] for pair in pairs] == wanted.split()
        assert [pair.truth.name.split(".")[0] for pair in pairs] == wanted.split()
        assert labels is None

    def test_truths_without_a_prediction_are_told(self, tmp_path: Path) -> None:
        predicted = touched(tmp_path / "p", "b.nii")
        truth = touched(tmp_path / "t", "a.nii", "b.nii", "c.nii")
        assert paired(predicted, truth)[1] == ["a", "c"]

    def test_files_are_a_pair_whatever_their_names(self, tmp_path: Path) -> None:
        one, two = (touched(tmp_path, name) / name for name in ("one.png", "two.nii.gz"))
        (pair,), alone, _ = paired(one, two)
        assert (pair.name, pair.predicted, pair.truth, alone) == ("two", one, two, [])

    @pytest.mark.parametrize("swap", [True, False])
    def test_a_file_finds_its_partner_in_a_folder(self, tmp_path: Path, swap: bool) -> None:
        folder = touched(tmp_path / "f", "a.nii.gz", "b.nii.gz")
        file = touched(tmp_path, "b.nii") / "b.nii"
        (pair,), _, _ = paired(folder, file) if swap else paired(file, folder)
        wanted = (folder / "b.nii.gz", file) if swap else (file, folder / "b.nii.gz")
        assert (pair.predicted, pair.truth) == wanted

    @pytest.mark.parametrize(
        ("guesses", "truths", "said"),
        [
            (["z.nii"], ["a.nii"], r"z\.nii: no truth of this name"),
            (["a.nii", "a.nii.gz"], ["a.nii"], "a.nii: 2 predictions in .*p; wanted one"),
            (["a.nii"], ["a.nii", "a.nii.gz"], "a.nii: 2 truths of this name in .*t;"),
            (["notes.md"], ["a.nii"], "p: this folder holds no volume"),
        ],
    )
    def test_doubt_is_refused(
        self, tmp_path: Path, guesses: list[str], truths: list[str], said: str
    ) -> None:
        predicted, truth = touched(tmp_path / "p", *guesses), touched(tmp_path / "t", *truths)
        with pytest.raises(InputError, match=said):
            paired(predicted, truth)

    def test_a_truth_that_no_prediction_fits(self, tmp_path: Path) -> None:
        folder, file = touched(tmp_path / "f", "a.nii"), touched(tmp_path, "b.nii") / "b.nii"
        with pytest.raises(InputError, match=r"b\.nii: no prediction of this name"):
            paired(folder, file)


class TestDatasets:
    def test_classes_and_truths(self, tmp_path: Path) -> None:
        truth = dataset(tmp_path / "d", {"tumour": 2, "ignore": 3, "background": 0, "liver": 1})
        pairs, alone, labels = paired(touched(tmp_path / "p", "b.nii"), truth)
        assert [pair.truth for pair in pairs] == [truth / "labelsTr" / "b.nii.gz"]
        assert alone == ["a"]
        assert labels is not None
        assert labels.names == ("background", "tumour", "liver")
        assert [entry.ids for entry in labels.classes] == [(0,), (2,), (1,)]
        assert (labels.ignore, labels.overlap) == ((3,), False)

    def test_background_that_is_not_named(self, tmp_path: Path) -> None:
        truth = dataset(tmp_path / "d", {"liver": 1})
        _, _, labels = paired(touched(tmp_path / "p", "b.nii"), truth)
        assert labels is not None
        assert labels.names == ("background", "liver")

    def test_regions(self, tmp_path: Path) -> None:
        said = {"background": 0, "whole": [1, 2], "core": [2]}
        truth = dataset(tmp_path / "d", said, regions_class_order=[1, 2])
        _, _, labels = paired(touched(tmp_path / "p", "b.nii"), truth)
        assert labels is not None
        assert (labels.names, labels.overlap) == (("whole", "core"), True)

    def test_folders_of_images_and_labels(self, tmp_path: Path) -> None:
        truth = touched(tmp_path / "d", "images/a.png", "labels/a.png")
        pairs, _, labels = paired(touched(tmp_path / "p", "a.png"), truth)
        assert [pair.truth for pair in pairs] == [truth / "labels" / "a.png"]
        assert labels is None


class TestDatasetsWithoutADescription:
    def test_bids_and_what_prediction_makes_of_its_tree(self, tmp_path: Path) -> None:
        names = [f"sub-{one}/ses-1/anat/sub-{one}_ses-1_T1w.nii.gz" for one in "12"]
        truth = touched(
            tmp_path / "data", *names,
            *(f"derivatives/x/{one}".replace("T1w", "dseg") for one in names),
        )  # fmt: skip
        pairs, alone, _ = paired(touched(tmp_path / "out", *names), truth)
        assert [one.name for one in pairs] == ["sub-1_ses-1", "sub-2_ses-1"]
        assert pairs[1].truth.name == "sub-2_ses-1_dseg.nii.gz"
        assert alone == []

    def test_masks_of_structures(self, tmp_path: Path) -> None:
        truth = touched(
            tmp_path / "data",
            *(f"s{n}/{one}.nii.gz" for n in "12" for one in ("ct", "segmentations/liver")),
        )
        pairs, _, labels = paired(touched(tmp_path / "out", "s1/ct.nii.gz"), truth)
        assert [(one.name, one.truth) for one in pairs] == [("s1", truth / "s1/segmentations")]
        assert labels is not None
        assert labels.names == ("background", "liver")


def test_folders_of_what_folds_held_out(tmp_path: Path) -> None:
    for name in ("fold_0/validation", "fold_1/validation", "fold_2", "other/validation"):
        (tmp_path / name).mkdir(parents=True)
    assert list(fold_folders(tmp_path)) == ["fold_0", "fold_1"]
    assert fold_folders(tmp_path / "other") == {}
