"""The truth says once whether scans or volumes are compared."""

from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg.evaluate.pairs import pair_predictions
from volseg.evaluate.scans.pairs import ScanPairs
from volseg.evaluate.volumes.pairs import VolumePairs

VOLUMES, SCANS = VolumePairs, ScanPairs


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("guesses", "truths", "kind"),
    [
        (["a.nii"], ["a.nii"], VOLUMES),
        (["a.laz"], ["a.laz"], SCANS),
        (["a.nii", "b.nii"], ["a.nii", "b.nii", "a.laz"], VOLUMES),
        (["a.laz"], ["a.laz", "b.laz", "map.png"], SCANS),
        (["a.png"], ["images/a.png", "labels/a.png"], VOLUMES),
        (["a.label"], ["labels/a.label", "velodyne/a.bin"], SCANS),  # a sequence of KITTI
    ],
)
def test_folders_are_of_what_they_hold_more_of(
    tmp_path: Path, guesses: list[str], truths: list[str], kind: type
) -> None:
    predicted, truth = touched(tmp_path / "p", *guesses), touched(tmp_path / "t", *truths)
    found = pair_predictions(predicted, truth)
    assert isinstance(found, kind)
    assert found.pairs


@pytest.mark.parametrize(("name", "kind"), [("a.nii.gz", VOLUMES), ("a.laz", SCANS)])
def test_a_table_is_of_what_was_predicted(tmp_path: Path, name: str, kind: type) -> None:
    predicted = touched(tmp_path / "p", name)
    touched(tmp_path, "image.nii.gz", "a.nii.gz")
    table = tmp_path / "pairs.csv"
    table.write_text("image,label\nimage.nii.gz,a.nii.gz\n")
    found = pair_predictions(predicted / name, table)
    assert isinstance(found, kind)


def test_the_images_of_a_dataset_are_known_with_its_truth(tmp_path: Path) -> None:
    truth = touched(tmp_path / "t", "images/a.png", "labels/a.png")
    found = pair_predictions(touched(tmp_path / "p", "a.png"), truth)
    assert isinstance(found, VolumePairs)
    assert found.images == {"a": (truth / "images/a.png",)}


@pytest.mark.parametrize("suffix", ["laz", "nii"])
@pytest.mark.parametrize("missing", [0, 1])
def test_a_path_that_is_not_there(tmp_path: Path, missing: int, suffix: str) -> None:
    paths = [touched(tmp_path, f"a.{suffix}") / f"a.{suffix}"] * 2
    paths[missing] = tmp_path / f"nowhere.{suffix}"
    with pytest.raises(InputError, match=r"nowhere\.\w+: no such file or folder"):
        pair_predictions(*paths)
