"""Bad input: one clear line that names the file, exit 2, and nothing written or overwritten."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.io.scans import pieces
from volseg.io.scans.las import pieces as las_pieces
from volseg.predict.scans.model import ScanModel

Refused = Callable[..., str]
ROOT = Path(__file__).parents[2]
XYZ = np.random.default_rng(0).uniform(0, 20, (200, 3))
PLY = "ply\nformat ascii 1.0\nelement vertex 2\n" + "".join(
    f"property float {axis}\n" for axis in "xyz"
)
BROKEN = (
    *("empty.las", "empty.laz", "empty.ply", "empty.npz", "empty.xyz", "empty.csv.gz"),
    *("cut.las", "cut.laz", "cut.ply", "cut.npz", "cut.bin", "cut.xyz.gz"),
    *("words.xyz", "ragged.csv", "liar.laz", "liar.ply"),
    *("scan.e57", "scan", "scan.laz.part"),
    *("folder.laz", "nowhere.laz"),
)


def made(folder: Path, name: str, labels: bool = True) -> Path:
    """A sound scan of 200 points."""
    path = folder / name
    ids = np.where(np.arange(200) % 2, 2, 6) if labels else None
    write(path, PointCloud(XYZ, labels=ids))
    return path


def broken(folder: Path, name: str) -> Path:
    """A file that is wrong in the way its name says."""
    path = folder / name
    kind, _, suffix = name.partition(".")
    if kind == "empty":
        path.write_bytes(gzip.compress(b"") if suffix.endswith("gz") else b"")
    elif kind == "cut":
        data = made(folder, name).read_bytes()
        path.write_bytes(data[: int(len(data) * 0.6) | 1])
    elif kind == "words":
        path.write_text("these are words\nand no numbers\n")
    elif kind == "ragged":
        path.write_text("x,y,z\n1,2,3\n4,5\n")
    elif name == "liar.laz":
        made(folder, "liar.ply").rename(path)
    elif name == "liar.ply":
        path.write_text(PLY.replace("vertex 2", "vertex 999999999999") + "end_header\n0 0 0\n")
    elif kind == "folder":
        path.mkdir()
    elif kind != "nowhere":
        path.write_bytes(b"something")
    return path


class TestBrokenFiles:
    @pytest.mark.parametrize("name", BROKEN)
    def test_info(self, refused: Refused, tmp_path: Path, name: str) -> None:
        assert str(broken(tmp_path, name)) in refused("info", tmp_path / name)

    @pytest.mark.parametrize("name", BROKEN)
    def test_voxelize(self, refused: Refused, tmp_path: Path, name: str) -> None:
        path, out = broken(tmp_path, name), tmp_path / "out.npz"
        assert str(path) in refused("voxelize", path, "-o", out, "--voxel-size", 0.5)

    @pytest.mark.parametrize("name", BROKEN)
    def test_predict(self, refused: Refused, run_folder: Path, tmp_path: Path, name: str) -> None:
        path = broken(tmp_path, name)
        assert str(path) in refused("predict", run_folder, path, "-o", tmp_path / "out")

    @pytest.mark.parametrize("name", BROKEN)
    def test_view(self, refused: Refused, tmp_path: Path, name: str) -> None:
        path = broken(tmp_path, name)
        assert str(path) in refused("view", path, "--screenshot", tmp_path / "out.png")

    @pytest.mark.parametrize("name", [one for one in BROKEN if one != "folder.laz"])
    def test_evaluate(self, refused: Refused, tmp_path: Path, name: str) -> None:
        path, truth = broken(tmp_path, name), made(tmp_path, "truth.ply")
        assert str(path) in refused("evaluate", path, truth)

    @pytest.mark.parametrize("name", ["empty.laz", "cut.laz", "words.xyz"])
    def test_train(self, refused: Refused, config_file: Path, tmp_path: Path, name: str) -> None:
        (tmp_path / "data").mkdir()
        path = broken(tmp_path / "data", name)
        made(tmp_path / "data", "b.ply")
        command = ("train", config_file, "--data", tmp_path / "data", "--out", tmp_path / "run")
        assert str(path) in refused(*command)
        assert not (tmp_path / "run").exists()


class TestScansWithoutExtent:
    @pytest.fixture(params=[(0, "ply"), (0, "laz"), (1, "laz"), (1, "xyz"), (4, "npz")])
    def scan(self, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
        """No point, one, or several in one place."""
        points, suffix = request.param
        (tmp_path / "data").mkdir()
        path = tmp_path / "data" / f"small.{suffix}"
        write(path, PointCloud(np.ones((points, 3)), labels=np.full(points, 2)))
        return path

    def test_voxelize(self, refused: Refused, tmp_path: Path, scan: Path) -> None:
        said = refused("voxelize", scan, "-o", tmp_path / "out.npz", "--voxel-size", 0.5)
        assert f"{scan}: the scan has " in said

    def test_predict(self, refused: Refused, run_folder: Path, tmp_path: Path, scan: Path) -> None:
        said = refused("predict", run_folder, scan, "-o", tmp_path / "out")
        assert f"{scan}: the scan has " in said

    def test_train(self, refused: Refused, config_file: Path, tmp_path: Path, scan: Path) -> None:
        command = ("train", config_file, "--data", scan.parent, "--out", tmp_path / "run")
        said = refused(*command, "--set", "data.validation=0")
        assert f"{scan}: the scan has " in said


class TestVoxelSizes:
    @pytest.mark.parametrize("size", ["0", "-1", "nan", "inf", "1e-300", "1e-12", "5e-324"])
    def test_voxelize(self, refused: Refused, tmp_path: Path, size: str) -> None:
        scan = made(tmp_path, "a.laz")
        said = refused("voxelize", scan, "-o", tmp_path / "out.npz", "--voxel-size", size)
        assert "voxel" in said

    def test_no_warning_of_a_library_makes_it_two_lines(self, tmp_path: Path) -> None:
        command = ("voxelize", made(tmp_path, "a.laz"), "-o", tmp_path / "out.npz")
        done = subprocess.run(
            [sys.executable, "-m", "volseg_cli", *map(str, command), "--voxel-size", "1e-300"],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "cli")))},
        )
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1

    @pytest.mark.parametrize("size", ["0", "-1", ".nan", "1e-300", "1e-12"])
    def test_train(self, refused: Refused, config_file: Path, tmp_path: Path, size: str) -> None:
        made(tmp_path, "a.laz")
        command = ("train", config_file, "--data", tmp_path, "--out", tmp_path / "run")
        said = refused(*command, "--set", f"voxels.size={size}", "--set", "data.validation=0")
        assert "voxel" in said


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
        from volseg.models.nets import build_net

        ids = ("labels.classes.ground.ids=[400]", "labels.classes.box.ids=[401]")
        spec = load_config(config_file, ids).model_spec()
        net = build_net(spec.net, nd=3, in_channels=5, classes=2)
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
        from volseg.models.nets import build_net

        spec = load_config(config_file, ["voxels.features=[height, intensity]"]).model_spec()
        net = build_net(spec.net, nd=3, in_channels=2, classes=2)
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


class TestFilesThatChangeOnTheWay:
    """A scan is read more than once; what happens to it in between costs nothing but itself."""

    @pytest.fixture
    def cut(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, int], None]:
        """Have a scan cut when so many of its points are written again, in pieces of 50."""
        monkeypatch.setattr(pieces, "PIECE", 50)
        relabel = las_pieces.relabel

        def arrange(path: Path, after: int) -> None:
            def cutting(target: Path, like: Path, votes: Any, *rest: Any, **more: Any) -> Any:
                def labels(rows: slice) -> Any:
                    if like == path and rows.start >= after:
                        os.truncate(path, path.stat().st_size // 2)
                    return votes(rows)

                return relabel(target, like, labels, *rest, **more)

            monkeypatch.setattr(las_pieces, "relabel", cutting)

        return arrange

    @pytest.mark.parametrize(("suffix", "after"), [("las", 0), ("las", 50), ("laz", 0)])
    def test_one_cut_while_its_labels_are_written(
        self,
        cli: Callable[..., Any],
        run_folder: Path,
        tmp_path: Path,
        cut: Callable[[Path, int], None],
        monkeypatch: pytest.MonkeyPatch,
        suffix: str,
        after: int,
    ) -> None:
        first, second = (made(tmp_path, f"{name}.{suffix}") for name in "ab")
        sound, stamp = first.read_bytes(), first.stat()
        out = tmp_path / "out"
        out.mkdir()
        (out / first.name).write_bytes(b"precious")
        cut(first, after)
        command = ("predict", run_folder, first, second, "-o", out, "--overwrite")
        outcome = cli(*command)
        assert outcome.code == 2
        (error,) = (line for line in outcome.err.splitlines() if line.startswith("error: "))
        assert error.startswith(f"error: {first}: ")
        assert "1 of 2 files done, 1 failed" in outcome.err
        assert (out / first.name).read_bytes() == b"precious"
        assert len(read(out / second.name)) == 200
        # Whole again, it is written with the votes it has.
        monkeypatch.setattr(ScanModel, "segment", None)
        first.write_bytes(sound)
        os.utime(first, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        cut(tmp_path / "nothing", 0)
        outcome = cli(*command)
        assert outcome.code == 0, outcome
        assert len(read(out / first.name)) == 200
        assert sorted(one.name for one in out.iterdir()) == [first.name, second.name]


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
