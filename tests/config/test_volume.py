"""Configs of volumes: axes, what is set survives, and what is not right is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.config.conftest import CT, complaint
from volseg.config import load_config


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("images.channels=[]", "images.channels"),
        ("images.channels=[{name: a, nam: b}]", "images.channels.0.nam: unknown key"),
        ("images.channels=[{name: a, normalize: best}]", "images.channels.0.normalize"),
        ("images.channels=[{name: a, mean: 1}]", "clip, mean and std go with normalize: ct"),
        ("images.channels=[{name: a, normalize: ct}]", "clip, mean and std go with"),
        (CT.replace("90", "0"), "images.channels.0.std: found 0"),
        (CT.replace("-100", "900"), "clip: found [900.0, 300.0]; wanted the lower number"),
        ("images.spacing=[1, 1]", "images.spacing"),
        ("images.spacing=[1, 1, 0]", "images.spacing.2: found 0"),
        ("images.spacing=[1, .inf, 1]", "images.spacing.1: found inf"),
        ("images.patch=[1, 1, 8]", "patch: found [1, 1, 8]; wanted two sides above 1"),
        ("images.patch=[8, 8, 0]", "images.patch.2: found 0"),
        ("images.mirror=[3]", "images.mirror.0: found 3"),
        ("data.folds=1", "data.folds: found 1"),
        ("train.foreground=1.5", "train.foreground: found 1.5"),
        ("train.augment.noise=2", "train.augment.noise: found 2"),
        ("train.optimizer=adam", "'adamw' or 'sgd'"),
        ("train.schedule=linear", "'one_cycle' or 'poly'"),
        ("largest=[fat]", "largest: found 'fat'; wanted names of labels.classes"),
        ("labels.background=[5]", "'background' goes with 'overlap'"),
        ("voxels.size=1", "voxels: unknown key"),
        ("images.patch=null", "images.patch"),
    ],
)
def test_a_wrong_value_is_shown(images: Path, change: str, said: str) -> None:
    found = complaint(images, change)
    assert found.startswith(f"{images}: ")
    assert said in found


@pytest.mark.parametrize(
    ("patch", "axes"),
    [([8, 8, 8], (0, 1, 2)), ([8, 8, 1], (0, 1)), ([1, 8, 4], (1, 2)), ([8, 1, 4], (0, 2))],
)
def test_a_side_of_one_makes_the_network_two_dimensional(
    images: Path, patch: list[int], axes: tuple[int, ...]
) -> None:
    config: Any = load_config(images, [f"images.patch={patch}"])
    assert config.images.axes == axes
    assert config.nd == len(axes)


@pytest.mark.parametrize(
    "change",
    [
        CT, "images.mirror=[0, 2]", "data.groups=subjects.csv", "data.folds=3",
        "train.optimizer=sgd", "train.schedule=poly", "train.loss.kind=dice_focal",
        "net={widths: [8, 16], norm: instance, activation: leaky_relu, supervised: 1,"
        " kernels: [[3, 3, 1], 3], strides: [[2, 2, 1]]}",
        "largest=[bone]",
        "labels={classes: {a: {ids: [1, 2]}, b: {ids: [2]}}, overlap: true, background: [5]}",
    ],
)  # fmt: skip
def test_what_is_set_survives_a_file(images: Path, tmp_path: Path, change: str) -> None:
    config = load_config(images, [change])
    assert config != load_config(images)
    again = tmp_path / "again.yaml"
    again.write_text(yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False))
    assert load_config(again) == config


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("images.spacin", "spacing"),
        ("images.channel", "channels"),
        ("data.fold", "folds"),
        ("data.group", "groups"),
        ("train.foregroud", "foreground"),
        ("train.augment.rotation", "rotate"),
        ("train.optimiser", "optimizer"),
        ("net.deep_supervised", "supervised"),
        ("largst", "largest"),
    ],
)
def test_typos_name_the_nearest_key(images: Path, key: str, nearest: str) -> None:
    found = complaint(images, f"{key}=1")
    assert found.startswith(f"{images}: {key}: unknown key; did you mean {nearest!r}?")
