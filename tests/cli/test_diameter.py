"""``--diameter``: a length goes to the model, ``auto`` leaves it, all else is one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from volseg.config import VolumeModelSpec
from volseg.data.volumes.channel import Channel
from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.models.load import save_model
from volseg.models.nets import build_net
from volseg.predict.volumes.model import VolumeModel
from volseg_cli.diameter import AUTO, with_diameter

CELL = LabelClass("cell", (1,), "", grouping="border", scale=3.0)


def model(cell: LabelClass = CELL) -> VolumeModel:
    labels = LabelMap((LabelClass("rest", (0,), ""), cell))
    return VolumeModel(
        (nn.Identity(),), labels, (1.0, 1.0, 1.0), (Channel(),), (8, 8, 1), torch.device("cpu")
    )


def test_a_length_goes_to_the_model_and_auto_leaves_it() -> None:
    assert with_diameter(model(), "46").diameter == 46
    assert with_diameter(model(), AUTO).diameter is None


@pytest.mark.parametrize("given", ["wide", "", "-3", "nan", "0", "1e9"])
def test_what_is_no_length_is_refused(given: str) -> None:
    with pytest.raises(InputError, match="wanted"):
        with_diameter(model(), given)


@pytest.mark.parametrize("given", ["46", AUTO])
def test_models_that_learnt_no_objects_are_refused(given: str) -> None:
    with pytest.raises(InputError, match="this model has none"):
        with_diameter(model(LabelClass("cell", (1,), "", thing=True)), given)


@pytest.mark.parametrize("given", ["15", AUTO])
def test_ids_are_on_the_grid_of_the_image(
    cli: Callable[..., Any], tmp_path: Path, given: str
) -> None:
    spec = VolumeModelSpec.model_validate(
        {
            "kind": "volume", "net": {"kind": "unet", "widths": [4, 8]},
            "labels": {"classes": {
                "rest": {"ids": [0]}, "cell": {"ids": [1], "grouping": "border", "scale": 3.0}
            }},
            "images": {"spacing": [1, 1, 1], "patch": [8, 8, 1],
                       "channels": [{"name": "light", "normalize": "zscore"}]},
        }
    )  # fmt: skip
    torch.manual_seed(1)
    save_model(tmp_path / "m.safetensors", spec, build_net(spec).state_dict(), {})
    pixels = np.random.default_rng(0).integers(0, 255, (9, 12), np.uint8).repeat(4, 0).repeat(4, 1)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    outcome = cli(
        "predict", tmp_path / "m.safetensors", tmp_path / "a.png", "-o", tmp_path / "out.png",
        "--diameter", given, "--device", "cpu",
    )  # fmt: skip
    assert outcome.code == 0, outcome
    with Image.open(tmp_path / "out.png") as out:
        assert out.size == (48, 36)
