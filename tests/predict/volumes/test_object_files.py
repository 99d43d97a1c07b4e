"""Files of objects: ids as labels have them, and a table that says where each lies."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.io.volumes.files import read_label_volume, write_label_volume
from volseg.predict.volumes.object_files import (
    ObjectFiles,
    ids_say_class,
    object_rows,
    wants_objects,
    write_objects,
)

REST = LabelClass("rest", (0,), "")
ONE = LabelMap((REST, LabelClass("nucleus", (5,), "", thing=True)))
TWO = LabelMap((*ONE.classes, LabelClass("cell", (7,), "", thing=True)))


def scene(grid):
    numbers = np.zeros(grid, np.int32)
    numbers[1:4, 2:4], numbers[6, 5:8] = 1, 2
    return numbers, np.where(numbers == 1, 5, np.where(numbers == 2, 7, 0))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_what_is_there_is_refused_and_what_is_missing_made(tmp_path):
    files = ObjectFiles.of(tmp_path / "out.png", TWO)
    files.check(overwrite=False)
    files.ids.touch()
    with pytest.raises(InputError, match=r"objects/out\.png: exists already"):
        files.check(overwrite=False)


def test_a_volume_is_measured_in_its_world():
    numbers, classes = scene((8, 9, 3))
    affine = np.diag([-2.0, 1.0, 3.0, 1.0])
    affine[:3, 3] = 10, 20, 30
    first, second = rows(object_rows(numbers, classes, TWO, Volume(numbers[None], affine)))
    assert first["class"] == "nucleus"
    assert second["class"] == "cell"
    assert (first["cells"], float(first["volume"])) == ("18", 18 * 6)
    assert [float(first[axis]) for axis in "xyz"] == [10 - 2 * 2, 20 + 2.5, 30 + 3]
    assert [first[f"{axis}_{end}"] for axis in "xyz" for end in ("min", "max")] == list("132302")


def test_an_image_is_measured_in_pixels():
    numbers, classes = scene((8, 9, 1))
    first, second = rows(object_rows(numbers, classes, TWO, Volume(numbers[None], np.eye(4))))
    assert (first["area"], first["row"], first["column"]) == ("6", "2.0", "2.5")
    assert (second["row_min"], second["row_max"], second["column_max"]) == ("6", "6", "7")


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("labels", [ONE, TWO])
def test_ids_come_back_from_their_file(tmp_path, suffix, labels):
    numbers, classes = scene((8, 9, 1))
    numbers[numbers == 2] = 40_000
    like, target = tmp_path / f"image{suffix}", tmp_path / f"out{suffix}"
    write_label_volume(like, np.zeros((8, 9, 1), np.uint8))
    files = ObjectFiles.of(target, labels)
    assert (files.ids == target) == ids_say_class(labels)
    volume = Volume(numbers[None], np.eye(4))
    write_objects(files, numbers, classes, TWO, volume, like=like, overwrite=False)
    assert np.array_equal(read_label_volume(files.ids).array[0], numbers)
    assert len(rows(files.table.read_text())) == 2
    with pytest.raises(InputError, match="exists"):
        files.check(overwrite=False)


def test_without_objects_the_table_is_a_header():
    nothing = np.zeros((4, 4, 1), np.int32)
    text = object_rows(nothing, nothing, ONE, Volume(nothing[None], np.eye(4)))
    assert text.count("\n") == 1


def test_objects_are_for_models_of_things():
    assert wants_objects(ONE, True)
    assert not wants_objects(ONE, False)
    learnt = LabelClass("cell", (1,), "", grouping="border", scale=2.0)
    assert wants_objects(LabelMap((REST, learnt)), False)
    with pytest.raises(InputError, match=r"no class of the model \(rest\) is a thing"):
        wants_objects(LabelMap((REST,)), True)
