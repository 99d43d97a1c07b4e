"""Model files: all that prediction needs, and the same predictions after a round trip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from volseg.builders.models import load_model_spec, load_scan_model, save_model
from volseg.builders.nets import build_net
from volseg.config import NetSpec, ScanModelSpec, load_config
from volseg.data.features import channels
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.inference.scan import ScanModel
from volseg.train.checkpoint import load_tensors, save_tensors

CPU = torch.device("cpu")


def fresh(spec: ScanModelSpec) -> torch.nn.Module:
    torch.manual_seed(0)
    wide = channels(spec.voxels.features)
    return build_net(spec.net, nd=3, in_channels=wide, classes=len(spec.labels.classes))


@pytest.mark.parametrize(
    "net", [NetSpec(widths=(4, 8)), NetSpec(kind="encoder_decoder", widths=(4, 8))]
)
def test_a_model_predicts_the_same_after_a_round_trip(
    tmp_path: Path, config_file: Path, boxes: Callable[..., PointCloud], net: NetSpec
) -> None:
    spec = load_config(config_file).model_spec().model_copy(update={"net": net})
    made = fresh(spec)
    labels = spec.labels.label_map()
    before = ScanModel(made, labels, spec.voxels.size, spec.voxels.features, CPU)(boxes(0))
    save_model(tmp_path / "m.safetensors", spec, made.state_dict(), {"note": "test"})
    loaded = load_scan_model(tmp_path / "m.safetensors", "cpu")
    after = loaded(boxes(0))
    np.testing.assert_array_equal(after.labels, before.labels)
    np.testing.assert_array_equal(after.confidence, before.confidence)
    assert loaded.labels == labels
    assert load_model_spec(tmp_path / "m.safetensors") == spec


def test_a_run_folder_is_a_model(run_folder: Path, config_file: Path) -> None:
    spec = load_model_spec(run_folder)
    assert spec == load_config(config_file).model_spec()
    for name in ("best", "last"):
        _, header = load_tensors(run_folder / f"{name}.safetensors")
        assert header["provenance"].keys() == {"volseg", "torch", "seed", "step", "scores"}


def test_a_trained_model_knows_boxes_from_ground(
    run_folder: Path, boxes: Callable[..., PointCloud]
) -> None:
    unseen = boxes(99)
    found = load_scan_model(run_folder, "cpu")(unseen)
    assert found.labels is not None
    assert unseen.labels is not None
    assert (found.labels == unseen.labels).mean() > 0.85


def test_weights_that_do_not_fit_are_refused(tmp_path: Path, config_file: Path) -> None:
    spec = load_config(config_file).model_spec()
    other = spec.model_copy(update={"net": NetSpec(widths=(4, 8, 8))})
    path = tmp_path / "m.safetensors"
    save_model(path, other, fresh(spec).state_dict(), {})
    with pytest.raises(InputError, match=r"m\.safetensors: the weights do not fit") as error:
        load_scan_model(path, "cpu")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400


def test_a_spec_of_another_kind_is_refused(tmp_path: Path, config_file: Path) -> None:
    spec = load_config(config_file).model_spec()
    path = tmp_path / "m.safetensors"
    broken = spec.model_dump(mode="json") | {"colour": 1}
    save_tensors(path, fresh(spec).state_dict(), {"spec": broken})
    with pytest.raises(InputError, match=r"m\.safetensors: colour: unknown key"):
        load_scan_model(path, "cpu")


@pytest.mark.parametrize("load", [load_model_spec, lambda path: load_scan_model(path, "cpu")])
def test_the_state_of_a_run_is_no_model(run_folder: Path, load: Callable[[Path], object]) -> None:
    with pytest.raises(InputError, match=r"state\.safetensors: .*best\.safetensors"):
        load(run_folder / "state.safetensors")
