"""Labels, models and configs that do not fit are refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import pytest

from tests.cli.broken import XYZ, Refused, made
from volseg.geometry import PointCloud
from volseg.io import write


class TestLabels:
    def test_train_without_a_label_field(
        self, refused: Refused, config_file: Path, tmp_path: Path
    ) -> None:
        scan = made(tmp_path, "a.ply", labels=False)
        command = ("train", config_file, "--data", tmp_path, "--out", tmp_path / "run")
        command = (*command, "--set", "data.validation=0")
        assert f"{scan}: the scan has no label field" in refused(*command)
        said = refused(*command, "--set", "data.label_field=gt")
        assert f"{scan}: has no field 'gt'" in said

    def test_evaluate_without_a_label_field(self, refused: Refused, tmp_path: Path) -> None:
        with_labels, without = made(tmp_path, "a.ply"), made(tmp_path, "b.ply", labels=False)
        for pair in ((with_labels, without), (without, with_labels)):
            assert f"{without}: the scan has no labels" in refused("evaluate", *pair)
        said = refused("evaluate", with_labels, with_labels, "--label-field", "gt")
        assert f"{with_labels}: has no field 'gt'" in said

    @pytest.mark.parametrize("command", ["info", "voxelize", "view"])
    def test_a_field_that_is_not_there(
        self, refused: Refused, tmp_path: Path, command: str
    ) -> None:
        scan = made(tmp_path, "a.laz")
        more: dict[str, tuple[object, ...]] = {
            "info": (),
            "voxelize": ("-o", tmp_path / "out.npz", "--voxel-size", 1),
            "view": ("--screenshot", tmp_path / "out.png"),
        }
        said = refused(command, scan, "--label-field", "gt", *more[command])
        assert f"{scan}: has no field 'gt'" in said

    def test_ids_outside_the_label_map(
        self, refused: Refused, config_file: Path, run_folder: Path, tmp_path: Path
    ) -> None:
        odd, sound = tmp_path / "data" / "odd.ply", made(tmp_path, "sound.ply")
        odd.parent.mkdir()
        write(odd, PointCloud(XYZ, labels=np.full(200, 99)))
        command = ("train", config_file, "--data", odd.parent, "--out", tmp_path / "run")
        said = refused(*command, "--set", "data.validation=0")
        assert f"{odd}: class id 99 (200 times)" in said
        for pair in ((odd, sound), (sound, odd)):
            for names in (("--model", run_folder), ("--labels", config_file)):
                assert f"{odd}: class id 99" in refused("evaluate", *pair, *names)

    def test_labels_of_another_length(
        self, refused: Refused, config_file: Path, tmp_path: Path
    ) -> None:
        scan, label, other = made(tmp_path, "a.bin"), tmp_path / "a.label", made(tmp_path, "b.ply")
        np.zeros(150, "<u4").tofile(label)
        train = ("train", config_file, "--data", scan.parent, "--out", tmp_path / "run")
        every = ("--set", "data.include=['*.bin']", "--set", "data.validation=0")
        for command in (
            ("info", scan, "--label-field", "label"),
            ("evaluate", other, scan),
            ("view", other, "--truth", scan, "--screenshot", tmp_path / "x.png"),
            (*train, *every),
        ):
            assert f"{scan}: a.label has 150 labels for the 200 points" in refused(*command)
        said = refused("evaluate", label, other)
        assert f"{label}: holds 150 labels" in said

    def test_a_class_las_cannot_hold(
        self, refused: Refused, config_file: Path, scene_folder: Path, tmp_path: Path
    ) -> None:
        from volseg.config import load_config
        from volseg.models.load import save_model
        from volseg.models.nets import make_net

        ids = ("labels.classes.ground.ids=[400]", "labels.classes.box.ids=[401]")
        spec = load_config(config_file, ids).model_spec()
        net = make_net(spec.net, nd=3, in_channels=5, classes=2)
        save_model(tmp_path / "m.safetensors", spec, net.state_dict(), {})
        las = laspy.LasData(laspy.LasHeader(version="1.2", point_format=1))
        las.x, las.y, las.z = XYZ.T
        las.write(tmp_path / "old.las")
        command = ("predict", tmp_path / "m.safetensors", tmp_path / "old.las", "-o")
        said = refused(*command, tmp_path / "out")
        assert f"{tmp_path / 'old.las'}: class id 4" in said
        assert "does not fit LAS, which holds 0 to 255" in said


class TestModels:
    @pytest.mark.parametrize("kind", ["text", "empty", "scan", "folder", "state", "nowhere"])
    def test_what_is_no_model(
        self, refused: Refused, run_folder: Path, tmp_path: Path, kind: str
    ) -> None:
        scan, model = made(tmp_path, "a.laz"), tmp_path / "model"
        if kind == "folder":
            model.mkdir()
        elif kind == "state":
            model = run_folder / "state.safetensors"
        elif kind != "nowhere":
            text = {"text": b"labels: {}", "empty": b"", "scan": scan.read_bytes()}[kind]
            model.write_bytes(text)
        assert str(model) in refused("predict", model, scan, "-o", tmp_path / "out")
        assert str(model) in refused("evaluate", scan, scan, "--model", model)

    def test_one_for_attributes_the_scan_lacks(
        self, refused: Refused, cli: Callable[..., Any], config_file: Path, tmp_path: Path
    ) -> None:
        from volseg.config import load_config
        from volseg.models.load import save_model
        from volseg.models.nets import make_net

        spec = load_config(config_file, ["voxels.features=[height, intensity]"]).model_spec()
        net = make_net(spec.net, nd=3, in_channels=2, classes=2)
        save_model(tmp_path / "m.safetensors", spec, net.state_dict(), {})
        scan = made(tmp_path, "bare.ply")
        said = refused("predict", tmp_path / "m.safetensors", scan, "-o", tmp_path / "out")
        assert f"{scan}: the scan has no 'intensity'" in said
        write(tmp_path / "rich.ply", PointCloud(XYZ, {"intensity": np.arange(200, dtype="u2")}))
        command = ("predict", tmp_path / "m.safetensors", scan, tmp_path / "rich.ply", "-o")
        outcome = cli(*command, tmp_path / "out")
        assert outcome.code == 2
        assert [one.name for one in (tmp_path / "out").iterdir()] == ["rich.ply"]
        assert f"error: {scan}: the scan has no 'intensity'" in outcome.err
        assert "1 of 2 files done, 1 failed" in outcome.err

    def test_a_gpu_that_is_not_there(
        self, refused: Refused, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import torch

        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        scan = made(tmp_path, "a.laz")
        command = ("predict", run_folder, scan, "-o", tmp_path / "out", "--device", "cuda")
        assert "no CUDA GPU" in refused(*command)


class TestConfigs:
    @pytest.mark.parametrize("text", ["", "labels: [", "voxels: {siz: 1}"])
    def test_train(self, refused: Refused, tmp_path: Path, text: str) -> None:
        config = tmp_path / "c.yaml"
        config.write_text(text)
        command = ("train", config, "--data", tmp_path, "--out", tmp_path / "run")
        assert str(config) in refused(*command)

    def test_a_preset_that_is_not_there(self, refused: Refused, tmp_path: Path) -> None:
        said = refused("train", "lidar/mars", "--data", tmp_path, "--out", tmp_path / "run")
        assert "lidar/oakland" in said
        scan = made(tmp_path, "a.laz")
        assert "lidar/oakland" in refused("evaluate", scan, scan, "--labels", "lidar/mars")

    @pytest.mark.parametrize("data", ["nowhere", "empty", "a.laz"])
    def test_a_data_folder_without_scans(
        self, refused: Refused, config_file: Path, tmp_path: Path, data: str
    ) -> None:
        (tmp_path / "empty").mkdir()
        made(tmp_path, "a.laz")
        command = ("train", config_file, "--data", tmp_path / data, "--out", tmp_path / "run")
        assert str(tmp_path / data) in refused(*command)
