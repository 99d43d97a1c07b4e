"""Predictions in COCO's panoptic format, from one command to the next."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from volseg._face.objects import evaluate_objects
from volseg.errors import InputError
from volseg.evaluate.pairs import pair_predictions
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.io.volumes.files import read_label_volume
from volseg.predict.volumes.coco import categories_of, check_json, is_coco, write_json
from volseg.predict.volumes.object_files import ObjectFiles, write_objects
from volseg.predict.volumes.run import VolumeJob

LABELS = LabelMap(
    (
        LabelClass("rest", (0,), ""),
        LabelClass("tissue", (3,), ""),
        LabelClass("cell", (5, 6), "", thing=True),
    )
)
CLASSES = np.array([[0, 3, 5], [5, 5, 3]])[..., None]
NUMBERS = np.array([[0, 0, 1], [2, 2, 0]], np.int32)[..., None]


def predicted(folder: Path) -> Path:
    out, image = folder / "out.json", folder / "images" / "a.png"
    for path in (image.parent, out.with_suffix("")):
        path.mkdir(exist_ok=True)
    Image.fromarray(np.zeros((2, 3), np.uint8)).save(image)
    job = VolumeJob((image,), out.with_suffix("") / "a.png")
    job.objects = ObjectFiles.of(job.target, LABELS, coco=True)
    job.segments = write_objects(
        job.objects, NUMBERS, CLASSES, LABELS, Volume(NUMBERS[None], np.eye(4)),
        like=image, overwrite=False,
    )  # fmt: skip
    write_json(out, [job], LABELS)
    return out


def test_a_prediction_is_its_own_truth(tmp_path: Path) -> None:
    out = predicted(tmp_path)
    found = evaluate_objects(pair_predictions(out, out), None)
    scores, names = found.scores(), found.labels.names
    assert scores.pq[names.index("cell")] == scores.pq[names.index("tissue")] == 1
    assert scores.tp[names.index("cell")] == 2
    assert found.labels.things == (names.index("cell"),)


def test_classes_are_those_of_a_label_image(tmp_path: Path) -> None:
    png = predicted(tmp_path).with_suffix("") / "a.png"
    assert np.array_equal(read_label_volume(png).array[0], CLASSES)
    assert (png.parent / "a.objects.csv").exists()


def test_background_is_void() -> None:
    assert [(one.id, one.thing) for one in categories_of(LABELS)] == [(3, False), (5, True)]


def test_what_cannot_be_written_is_refused_first(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert is_coco(out)
    assert not is_coco(tmp_path)
    with pytest.raises(InputError, match=r"a\.nii: is no picture"):
        check_json(out, [tmp_path / "b.png", tmp_path / "a.nii"], overwrite=False)
    out.touch()
    with pytest.raises(InputError, match="exists already"):
        check_json(out, [], overwrite=False)
