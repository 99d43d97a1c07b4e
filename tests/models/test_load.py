"""Model files: all that prediction needs, and the same predictions after a round trip."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from volseg.config import NetSpec, ScanModelSpec, VolumeModelSpec, load_config
from volseg.data.scans.features import channels
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.volume import Volume
from volseg.models.load import (
    load_model,
    load_model_spec,
    load_scan_model,
    load_volume_model,
    model_files,
    save_model,
    volume_model,
)
from volseg.models.nets import build_net, make_net
from volseg.models.tensors import load_tensors, save_tensors
from volseg.predict.scans.model import ScanModel
from volseg.predict.volumes.model import VolumeModel

CPU = torch.device("cpu")


def fresh(spec: ScanModelSpec) -> torch.nn.Module:
    torch.manual_seed(0)
    wide = channels(spec.voxels.features)
    return make_net(spec.net, nd=3, in_channels=wide, classes=len(spec.labels.classes))


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
    assert loaded.learnt is None  # as in files of earlier versions
    assert load_model_spec(tmp_path / "m.safetensors") == spec


def test_a_run_folder_is_a_model(run_folder: Path, config_file: Path) -> None:
    spec = load_model_spec(run_folder)
    assert spec.temperature != 1
    assert spec.model_copy(update={"temperature": 1.0}) == load_config(config_file).model_spec()
    for name in ("best", "last"):
        _, header = load_tensors(run_folder / f"{name}.safetensors")
        assert header["provenance"].keys() == {"volseg", "torch", "seed", "step", "scores", "range"}


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


def test_a_range_that_is_none_is_refused(tmp_path: Path, config_file: Path) -> None:
    spec, path = load_config(config_file).model_spec(), tmp_path / "m.safetensors"
    save_model(path, spec, fresh(spec).state_dict(), {"range": {"density": [1]}})
    with pytest.raises(InputError, match=r"m\.safetensors: its header holds a range that cannot"):
        load_scan_model(path, "cpu")


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


def volume_spec(**changes: Any) -> VolumeModelSpec:
    values = {
        "labels": {"classes": {"air": {"ids": [0]}, "organ": {"ids": [7]}}},
        "net": {"widths": [4, 8], "norm": "instance"},
        "images": {
            "channels": [{"name": "MR", "normalize": "zscore"}],
            "spacing": [1, 1, 2],
            "patch": [8, 8, 8],
            "mirror": [0],
        },
    }
    return VolumeModelSpec.model_validate(values | changes)


def save_fold(folder: Path, spec: VolumeModelSpec, seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    net = build_net(spec)
    folder.mkdir(parents=True)
    save_model(folder / "best.safetensors", spec, net.state_dict(), {})
    return net


def test_the_folds_of_a_run_are_averaged(tmp_path: Path) -> None:
    nets = [save_fold(tmp_path / f"fold_{name}", volume_spec(), name) for name in range(3)]
    (tmp_path / "fold_3").mkdir()  # one that has just begun
    model = load_model(tmp_path, "cpu")
    assert isinstance(model, VolumeModel)
    assert load_model_spec(tmp_path) == volume_spec()
    assert len(model.nets) == 3
    array = np.random.default_rng(0).normal(size=(9, 10, 11)).astype(np.float32)
    both = volume_model(volume_spec(), nets[::-1], CPU)
    chances = [np.zeros((2, 9, 10, 11)) for _ in range(2)]
    for one, filled in zip((model, both), chances, strict=True):
        one.label(Volume(array[None], np.eye(4)), probabilities=filled)
    np.testing.assert_allclose(*chances, atol=1e-6)


@pytest.mark.parametrize("name", ["fold_1", "fold_1/best.safetensors"])
def test_one_fold_is_a_model(tmp_path: Path, name: str) -> None:
    for seed in (0, 1):
        net = save_fold(tmp_path / f"fold_{seed}", volume_spec(), seed)
    (alone,) = load_volume_model(tmp_path / name, "cpu").nets
    pairs = zip(alone.parameters(), net.parameters(), strict=True)
    assert all(torch.equal(*pair) for pair in pairs)


def test_folds_are_chosen(tmp_path: Path) -> None:
    nets = [save_fold(tmp_path / f"fold_{seed}", volume_spec(), seed) for seed in range(3)]
    model = load_model(tmp_path, "cpu", folds=(2, 0))
    assert isinstance(model, VolumeModel)
    for net, wanted in zip(model.nets, (nets[2], nets[0]), strict=True):
        assert all(map(torch.equal, net.parameters(), wanted.parameters()))
    with pytest.raises(InputError, match="holds fold_0, fold_1, fold_2; wanted fold_5: name"):
        load_model(tmp_path, "cpu", folds=(0, 5))


def test_folds_that_differ_are_refused(tmp_path: Path) -> None:
    save_fold(tmp_path / "fold_0", volume_spec(), 0)
    other = volume_spec().images.model_copy(update={"spacing": (1.0, 1.0, 1.0)})
    save_fold(tmp_path / "fold_1", volume_spec(images=other), 1)
    with pytest.raises(InputError, match=r"fold_1.*its images differ from those of .*fold_0"):
        load_model(tmp_path, "cpu")


def test_flat_parts_are_skipped_where_every_fold_found_them_empty(tmp_path: Path) -> None:
    for number, empty in enumerate((True, True, False)):
        found = volume_spec().images.model_copy(update={"skip_flat": empty})
        save_fold(tmp_path / f"fold_{number}", volume_spec(images=found), 0)
        assert load_volume_model(tmp_path, "cpu").skip_flat is empty


def test_components_are_removed_where_every_fold_chose_it(tmp_path: Path) -> None:
    save_fold(tmp_path / "fold_0", volume_spec(largest=["organ", "air"]), 0)
    save_fold(tmp_path / "fold_1", volume_spec(largest=["organ"]), 1)
    assert load_volume_model(tmp_path, "cpu").largest == ("organ",)


def test_a_model_of_the_other_kind_is_refused(tmp_path: Path, run_folder: Path) -> None:
    save_fold(tmp_path / "fold_0", volume_spec(), 0)
    with pytest.raises(InputError, match="segments volumes; wanted a model of scans"):
        load_scan_model(tmp_path, "cpu")
    with pytest.raises(InputError, match="segments scans; wanted a model of volumes"):
        load_volume_model(run_folder, "cpu")


class TestNamesOfBundledModels:
    """What comes with the package goes by its name, where nothing of the user's has that name."""

    @pytest.fixture(autouse=True)
    def here(
        self, bundled_folder: Path, aerial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        aerial.rename(bundled_folder / "aerial.safetensors")
        monkeypatch.chdir(tmp_path)

    @pytest.mark.parametrize("name", ["aerial", Path("aerial")])
    def test_a_name_is_a_model(self, name: str | Path, bundled_folder: Path) -> None:
        assert model_files(Path(name)) == [bundled_folder / "aerial.safetensors"]
        labels = load_scan_model(name, "cpu").labels
        assert labels == load_model_spec(Path(name)).labels.label_map()
        assert labels.names == ("ground", "vegetation", "building", "other")

    @pytest.mark.parametrize("kind", ["file", "run", "folds"])
    def test_a_model_of_the_users_own_goes_before_it(self, kind: str, run_folder: Path) -> None:
        own = {"file": "aerial", "run": "aerial/last.safetensors",
               "folds": "aerial/fold_0/best.safetensors"}[kind]  # fmt: skip
        Path(own).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(run_folder / "best.safetensors", own)
        assert model_files(Path("aerial")) == [Path(own)]
        assert load_model_spec(Path("aerial")).labels.label_map().names == ("ground", "box")

    @pytest.mark.parametrize("inside", [None, "tile.laz", "state.safetensors"])
    def test_a_folder_without_a_model_does_not(
        self, bundled_folder: Path, inside: str | None
    ) -> None:
        Path("aerial").mkdir()
        if inside is not None:
            (Path("aerial") / inside).touch()
        assert model_files(Path("aerial")) == [bundled_folder / "aerial.safetensors"]

    @pytest.mark.parametrize("name", ["areal", "runs/aerial", "aerial.safetensors", "Aerial"])
    def test_an_unknown_name_lists_them(self, name: str) -> None:
        wanted = f"{name}: no such run folder or model file; bundled models are aerial"
        with pytest.raises(InputError) as error:
            load_model(name, "cpu")
        assert str(error.value) == wanted

    def test_where_none_is_bundled_none_is_named(self, bundled_folder: Path) -> None:
        (bundled_folder / "aerial.safetensors").unlink()
        with pytest.raises(InputError, match=r"no such run folder or model file$"):
            load_model("aerial", "cpu")
