"""Datasets in COCO's panoptic format."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.volumes.datasets.layouts import touch
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.errors import InputError
from volseg.io.volumes.coco import Category, CocoPanoptic

THING, STUFF = Category(4, "cell", True), Category(9, "tissue", False)
NAMES = {"a_panoptic.png": "a.jpg", "b_panoptic.png": "b.jpg"}


def dataset(folder: Path, *categories: Category, images: str = "images") -> Path:
    path = folder / "annotations" / "panoptic_val.json"
    touch(folder, "annotations/panoptic_val/a_panoptic.png annotations/panoptic_val/b_panoptic.png")
    touch(folder, f"{images}/a.jpg {images}/b.jpg")
    CocoPanoptic(categories, dict.fromkeys(NAMES, ()), NAMES).write(path)
    return path


@pytest.mark.parametrize("images", ["images", "val", ".", "annotations/images", "annotations"])
def test_images_lie_near_the_json(tmp_path: Path, images: str) -> None:
    path = dataset(tmp_path, THING, STUFF, images=images)
    found = read_dataset(path)
    assert [case.name for case in found.cases] == ["a", "b"]
    assert [case.label.name for case in found.cases] == list(NAMES)
    assert all(case.images[0].samefile(tmp_path / images / f"{case.name}.jpg")
               for case in found.cases)  # fmt: skip
    assert all(case.objects == path for case in found.cases)


def test_void_counts_nowhere_where_there_is_stuff(tmp_path: Path) -> None:
    found = read_dataset(dataset(tmp_path, THING, STUFF))
    assert (list((found.classes or {}).items()), found.ignore, found.things) == (
        [("tissue", (9,)), ("cell", (4,))], (0,), {"cell"},
    )  # fmt: skip


def test_void_is_background_of_things_alone(tmp_path: Path) -> None:
    found = read_dataset(dataset(tmp_path, THING))
    assert (found.classes, found.ignore) == ({"background": (0,), "cell": (4,)}, ())


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two categories are called 'cell'"):
        read_dataset(dataset(tmp_path / "one", THING, Category(5, "cell", True)))
    with pytest.raises(InputError, match=r"its image 'a\.jpg' is in none of"):
        read_dataset(dataset(tmp_path / "two", THING, images="elsewhere"))
