"""Folders of pictures: the same bytes again, the trainer's layout, nothing lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.errors import InputError
from volseg.synthetic.pictures import LabelledPicture, write_pictures


def draw(seed: int) -> LabelledPicture:
    image = np.random.default_rng(seed).integers(0, 255, (8, 12, 3), dtype=np.uint8)
    return LabelledPicture(image, image[..., 0] % 7, image[..., 1].astype(np.uint16))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.*")}


def test_more_pictures_begin_with_the_same_bytes(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    told = list(write_pictures(few, 2, draw, seed=4))
    assert told[1] == (few / "images" / "001.jpg", "12 x 8 pixels")
    list(write_pictures(many, 3, draw, seed=4))
    first, more = contents(few), contents(many)
    assert len(first) == 6
    assert len(more) == 9
    assert first.items() <= more.items()
    list(write_pictures(few, 2, draw, seed=5, overwrite=True))
    assert contents(few)["labels/000.png"] != first["labels/000.png"]


def test_the_trainer_reads_them(tmp_path: Path) -> None:
    list(write_pictures(tmp_path, 3, draw))
    assert [case.name for case in read_dataset(tmp_path).cases] == ["000", "001", "002"]


def test_a_file_in_the_way_is_kept_and_nothing_is_written(tmp_path: Path) -> None:
    kept = tmp_path / "labels" / "001.png"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        list(write_pictures(tmp_path, 2, draw))
    assert contents(tmp_path) == {"labels/001.png": b"mine"}


def test_none_is_too_few(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="wanted 1 or more"):
        list(write_pictures(tmp_path / "new", 0, draw))
