"""What ids mean in each file: as ever, in its own way, open, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from volseg.config import ScanConfig, load_config
from volseg.errors import ConfigError, InputError
from volseg.geometry import IGNORE, LabelMap, PointCloud
from volseg.io import write
from volseg.runs.scans.meanings import label_map_of, open_sets
from volseg.runs.scans.splits import load_split
from volseg.runs.train import train

CONFIG = """
labels:
  ignore: [0]
  classes: { ground: { ids: [2] }, plant: { ids: [3, 4] }, house: { ids: [6] } }
data:
  validation: ["held.*"]
  meanings:
    "dutch*/*": { 1: [plant, house], 4: [house], 0: [ground], 9: [] }
    "*/odd.las": { 1: [plant], 5: [house, ground] }
voxels: { size: 0.5 }
net: { widths: [8, 16] }
train: { epochs: 1, steps: 4, batch: 1, crop: 16 }
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def config(path: Path) -> ScanConfig:
    loaded = load_config(path)
    assert isinstance(loaded, ScanConfig)
    return loaded


def map_of(config: ScanConfig, name: str) -> LabelMap:
    return label_map_of(Path(name), config.labels.label_map(), config.data.meanings)


def test_a_file_that_matches_nothing_has_the_usual_map(config: ScanConfig) -> None:
    raw = np.array([2, 3, 4, 6, 0])
    usual = config.labels.label_map().encode(raw)
    np.testing.assert_array_equal(
        map_of(config, "french/a.laz").encode(raw),
        usual,
    )


def test_a_file_may_mean_other_classes_sets_and_nothing(config: ScanConfig) -> None:
    found = map_of(config, "dutch3/a.laz").encode(np.array([2, 3, 4, 6, 0, 1, 9]))
    np.testing.assert_array_equal(found, [0, 1, 2, 2, 0, 3, IGNORE])
    assert open_sets(list(config.labels.classes), config.data.meanings) == [(1, 2), (2, 0)]


def test_later_patterns_go_before_earlier_ones(config: ScanConfig) -> None:
    both = map_of(config, "dutch3/odd.las")
    np.testing.assert_array_equal(both.encode(np.array([1, 4, 5])), [1, 2, 4])


def test_an_id_a_file_does_not_explain_is_refused(config: ScanConfig) -> None:
    with pytest.raises(InputError, match="class id 9"):
        map_of(config, "french/a.laz").encode(np.array([9]))


def test_names_of_no_class_are_refused(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.meanings: cat, dog is no class.*ground, plant"):
        load_config(path, ["data.meanings={'*': {1: [dog, ground], 2: [cat]}}"])


def test_it_trains_and_scores_nothing_open(
    tmp_path: Path, config: ScanConfig, boxes: Callable[..., PointCloud]
) -> None:
    folder = tmp_path / "dutch"
    folder.mkdir()
    for number, name in enumerate(("learnt.laz", "held.laz")):
        cloud = boxes(number)
        assert cloud.labels is not None
        labels = np.where(cloud.labels == 6, 1, 2)
        write(folder / name, cloud.with_labels(labels))
    (learnt,), (held,) = load_split(config, tmp_path, tmp_path / "cache")
    for one in (learnt, held):
        np.testing.assert_array_equal(np.flatnonzero(one.columns.counts), [0, 3])
    train(config, tmp_path, tmp_path / "run", device="cpu")
    assert (tmp_path / "run" / "last.safetensors").is_file()
