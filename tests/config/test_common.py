"""Labels and the length of training: what is not right is shown, what is counts as it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from tests.config.conftest import complaint, written
from volseg.config import LabelSpec, load_config, load_label_map, validate_model_spec
from volseg.errors import ConfigError
from volseg.geometry import IGNORE, LabelMap


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("train.epochs=0", "train.epochs: found 0"),
        ("train.epochs=1.5", "train.epochs: found 1.5"),
        ("seed=-1", "seed: found -1"),
        ("labels.classes={}", "labels.classes"),
        ("labels.classes.car.ids=[]", "labels.classes.car.ids"),
        ("labels.classes.car.colour=red", "#RRGGBB"),
        ("labels.classes.car.ids=[1]", "id 1 stands twice"),
        ("labels.ignore=[2]", "id 2 stands twice"),
        ("labels.classes.car.grouping=votes", "'components', 'centre' or 'border'"),
        ("labels.classes.car.radius=0", "labels.classes.car.radius"),
        ("labels.classes.car.radius=1", "'car' has a radius"),
        ("labels.classes.car={ids: [2], thing: false, grouping: border}", "thing: false"),
    ],
)
def test_a_wrong_value_is_shown(good: Path, change: str, said: str) -> None:
    found = complaint(good, change)
    assert found.startswith(f"{good}: ")
    assert said in found


class TestEverythingElse:
    def labels(self, tmp_path: Path, text: str) -> LabelMap:
        return load_label_map(written(tmp_path, text))

    def test_is_a_class(self, tmp_path: Path) -> None:
        text = "classes: {tree: {ids: [3, 4, 5], write: 5}, other: {ids: rest, write: 64}}"
        labels = self.labels(tmp_path, text)
        raw = np.array([3, 4, 5, 64, 17, 0, 255])
        assert labels.encode(raw).tolist() == [0, 0, 0, 1, 1, 1, 1]
        assert labels.decode(np.arange(2)).tolist() == [5, 64]
        assert labels.classes[0].ids == (5, 3, 4)

    def test_is_a_class_with_ids_of_its_own(self, tmp_path: Path) -> None:
        labels = self.labels(tmp_path, "classes: {road: {ids: 1}, other: {ids: [9, rest]}}")
        assert labels.encode(np.array([1, 9, 70])).tolist() == [0, 1, 1]
        assert labels.decode(np.array([1])).tolist() == [9]

    @pytest.mark.parametrize("ignore", ["rest", "[0, rest]"])
    def test_is_ignored(self, tmp_path: Path, ignore: str) -> None:
        labels = self.labels(tmp_path, f"{{ignore: {ignore}, classes: {{road: {{ids: [1]}}}}}}")
        assert labels.encode(np.array([0, 1, 70])).tolist() == [IGNORE, 0, IGNORE]

    def test_a_written_id_need_not_be_read(self, tmp_path: Path) -> None:
        labels = self.labels(tmp_path, "classes: {road: {ids: [1], write: 11}, car: {ids: [2]}}")
        assert labels.encode(labels.decode(np.arange(2))).tolist() == [0, 1]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("classes: {a: {ids: rest}}", "no id to write; add one, such as write: 1"),
            ("classes: {a: {ids: [1, rest]}, b: {ids: [2, rest]}}", "'rest' stands twice"),
            ("{ignore: rest, classes: {b: {ids: [2, rest]}}}", "'rest' stands twice"),
            ("classes: {a: {ids: [1], write: 2}, b: {ids: [2]}}", "id 2 stands twice"),
            ("classes: {a: {ids: [others]}}", "classes.a.ids"),
        ],
    )
    def test_in_doubt_is_refused(self, tmp_path: Path, text: str, words: str) -> None:
        with pytest.raises(ConfigError, match=words) as error:
            self.labels(tmp_path, text)
        assert "\n" not in str(error.value)

    def test_things_survive_the_way_through_a_file(self, tmp_path: Path) -> None:
        text = (
            "labels: {classes: {a: {ids: 1, thing: true, radius: 0.5, min_points: 9},"
            " b: {ids: 2, grouping: centre}, c: {ids: 3}}}\nvoxels: {size: 1}\ntrain: {}"
        )
        config = load_config(written(tmp_path, text))
        labels = config.labels.label_map()
        assert labels.things == (0, 1)
        assert [entry.grouping for entry in labels.classes] == ["components", "centre", None]
        assert (labels.classes[0].radius, labels.classes[0].min_points) == (0.5, 9)
        dumped = config.model_spec().model_dump(mode="json")
        assert validate_model_spec(dumped, tmp_path).labels.label_map() == labels
        # As runs and models wrote it before there were things: they are resumed and loaded.
        assert dumped["labels"]["classes"]["c"] == {"ids": [3], "write": None, "colour": None}

    def test_survives_the_way_through_a_model_file(self, tmp_path: Path) -> None:
        text = (
            "labels: {ignore: [0], classes: {a: {ids: [3, 4], write: 4}, b: {ids: rest, write: 9}}}"
        )
        config = load_config(written(tmp_path, text + "\nvoxels: {size: 1}\ntrain: {}"))
        again = validate_model_spec(config.model_spec().model_dump(mode="json"), tmp_path)
        assert again.labels.label_map() == config.labels.label_map()


def test_colours_of_masks_are_ids() -> None:
    spec = LabelSpec.model_validate(
        {
            "classes": {
                "background": {"ids": ["#000000"], "write": 0},
                "nucleus": {"ids": ["#FF0000", "#0000ff"], "write": 1},
            },
            "ignore": ["#FFFFFF"],
        }
    )
    labels = spec.label_map()
    raw = np.array([0, 0xFF0000, 0x0000FF, 1, 0xFFFFFF])
    assert labels.encode(raw).tolist() == [0, 1, 1, 1, -1]
    assert [entry.ids[0] for entry in labels.classes] == [0, 1]
    assert LabelSpec.model_validate(spec.model_dump(mode="json")) == spec


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ({"ids": "#FF0000"}, "colours say no id to write; add one, such as write: 1"),
        ({"ids": ["#FF00"], "write": 1}, "#FF00"),
    ],
)
def test_colours_that_cannot_be_ids(entry: dict[str, object], wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong):
        LabelSpec.model_validate({"classes": {"a": entry}})
