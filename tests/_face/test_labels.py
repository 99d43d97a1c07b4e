"""Classes are named by a map, a file or a preset, or by a model; not by two of them."""

from pathlib import Path

import pytest

import volseg as vs
from volseg._face.labels import label_map


def test_every_way_gives_the_same_classes(world: Path) -> None:
    known = label_map(None, "boxes.yaml")
    assert known is not None
    assert known.names == ("ground", "building")
    assert label_map(None, known) is known
    assert label_map("runs/boxes", None) == known
    assert label_map(None, None) is None
    preset = label_map(None, "lidar/aerial")
    assert preset is not None
    assert preset.names


def test_two_are_one_too_many(world: Path) -> None:
    with pytest.raises(vs.InputError, match="model and labels both name the classes"):
        label_map("runs/boxes", "boxes.yaml")
