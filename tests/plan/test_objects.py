"""Ceilings: the plan takes the simplest grouping that loses next to nothing of the truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.config import LabelSpec, load_config
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.io.volumes.files import read_label_volume, write_label_volume
from volseg.plan.objects import plan_objects
from volseg.plan.text import to_yaml
from volseg.runs.planning import plan_dataset

LABELS = LabelSpec.model_validate(
    {"classes": {"rest": {"ids": 0}, "cell": {"ids": 1, "thing": True}}}
)


def dataset(folder: Path, *, touching: bool, cases: int = 3) -> Path:
    """Images of boxes that lie apart, or side by side."""
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    for case in range(cases):
        numbers = np.zeros((48, 60, 1), np.uint16)
        order = iter(np.random.default_rng(case).permutation(30) + 1)
        for x in range(2, 40, 12):
            for y in range(2, 46, 10):
                numbers[x : x + 8, y : y + (10 if touching else 7)] = next(order)
        image = (numbers > 0).astype(np.uint8) * 100 + (numbers % 7).astype(np.uint8)
        write_label_volume(folder / "images" / f"{case}.png", image)
        write_label_volume(folder / "labels" / f"{case}.png", numbers)
    return folder


@pytest.mark.parametrize(("touching", "grouping"), [(False, "components"), (True, "border")])
def test_the_simplest_that_is_enough(tmp_path, touching, grouping):
    cases = read_dataset(dataset(tmp_path / "data", touching=touching)).cases
    made = plan_objects(cases, LABELS.label_map(), "ids", 1, (1, 1, 1), (0, 1))
    known = made.ceilings["cell"]
    assert known.grouping == grouping
    assert known.quality[grouping] >= 0.98
    assert known.touching == (1.0 if touching else 0.0)
    assert known.sizes[1] == (80 if touching else 56)
    assert known.longest == (10 if touching else 8)


def test_a_plan_is_a_config_that_says_why(tmp_path):
    made = plan_dataset(dataset(tmp_path / "data", touching=True), memory=10**9)
    text = to_yaml(made)
    assert "data" in text
    assert "border is the simplest" in text
    path = tmp_path / "planned.yaml"
    path.write_text(text)
    assert load_config(path) == made.config
    assert made.config.data.objects == "ids"
    assert list(made.config.labels.classes) == ["background", "object"]


def test_classes_without_objects_in_the_files_of_ids_are_stuff(tmp_path):
    folder = dataset(tmp_path / "data", touching=True)
    rows = ["image,label,objects"]
    (folder / "ids").mkdir()
    for label in sorted((folder / "labels").iterdir()):
        ids = read_label_volume(label).array[0]
        classes = np.where(ids > 15, 4, np.where(ids > 0, 7, 2)).astype(np.uint8)
        write_label_volume(label, classes, overwrite=True)
        write_label_volume(folder / "ids" / label.name, np.where(classes == 4, ids, 0))
        rows.append(",".join(f"{name}/{label.name}" for name in ("images", "labels", "ids")))
    (folder / "pairs.csv").write_text("\n".join(rows))
    made = plan_dataset(folder / "pairs.csv", memory=10**9)
    labels = made.config.labels.label_map()
    assert made.config.data.objects == "file"
    assert [labels.classes[k].ids for k in labels.things] == [(4,)]


def test_what_touches_may_be_one_object(tmp_path):
    made = plan_dataset(
        dataset(tmp_path / "data", touching=False), memory=10**9, objects="components"
    )
    things = made.config.labels.label_map().things
    assert len(things) == len(made.config.labels.classes) - 1
