"""Options of prediction on volumes: what stays, what is kept of classes, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import torch
from scipy import ndimage

from tests.cli.volumes import altered, run, save, spec
from volseg.io import read_label_volume, read_volume
from volseg.models.load import load_volume_model, save_model
from volseg.models.nets import build_net


@pytest.fixture(scope="module")
def folds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("pair"), channels=2, folds=1)


class TestSkipExisting:
    def test_what_is_there_stays_and_the_rest_is_made(
        self, cli: Callable[..., Any], folds: Path, tmp_path: Path
    ) -> None:
        for seed, name in enumerate("abc"):
            save(tmp_path / "in" / f"{name}.nii.gz", seed)
        out = tmp_path / "out"
        command = ("predict", folds, tmp_path / "in", "-o", out, "--device", "cpu")
        assert cli(*command).code == 0
        wanted = (out / "b.nii.gz").read_bytes()
        (out / "b.nii.gz").unlink()
        (out / "c.nii.gz").write_bytes(b"a label map that somebody has corrected")
        before = {name: (out / name).stat().st_mtime_ns for name in ("a.nii.gz", "c.nii.gz")}
        outcome = cli(*command, "--skip-existing")
        assert outcome.code == 0, outcome
        assert {name: (out / name).stat().st_mtime_ns for name in before} == before
        assert (out / "b.nii.gz").read_bytes() == wanted
        assert "2 of 3 are there already and stay" in outcome.err
        assert "exists already" in cli(*command).err
        assert cli(*command, "--skip-existing").code == 0

    def test_half_of_an_image_that_was_stopped_is_made_anew(
        self, cli: Callable[..., Any], folds: Path, tmp_path: Path
    ) -> None:
        image, out = save(tmp_path / "a.nii.gz"), tmp_path / "out"
        command = ("predict", folds, image, "-o", out, "--probabilities", "--preview",
                   "--device", "cpu")  # fmt: skip
        assert cli(*command).code == 0
        for name in ("a.nii.gz", "a_preview.png"):
            (out / name).unlink()
        assert cli(*command, "--skip-existing").code == 0
        (out / "a_preview.png").unlink()
        assert cli(*command, "--skip-existing").code == 0
        names = {one.name for one in out.iterdir()}
        assert names == {"a.nii.gz", "a_probabilities.nii", "a_preview.png"}

    def test_a_label_map_without_its_probabilities_is_not_replaced(
        self, cli: Callable[..., Any], refused: Callable[..., str], folds: Path, tmp_path: Path
    ) -> None:
        image, out = save(tmp_path / "a.nii.gz"), tmp_path / "out"
        command = ("predict", folds, image, "-o", out, "--device", "cpu")
        assert cli(*command).code == 0
        said = refused(*command, "--skip-existing", "--probabilities")
        assert f"{out / 'a.nii.gz'}: exists already" in said


def pieces(labels: Any) -> int:
    """How many components the organ has."""
    return int(ndimage.label(labels == 7, np.ones((3, 3, 3)))[1])


class TestLargest:
    @pytest.fixture
    def ruled(self, tmp_path: Path) -> Path:
        """A model whose training chose to keep the largest organ alone."""
        file = tmp_path / "ruled.safetensors"
        rule = spec(largest=("organ",))
        for seed in range(50):
            torch.manual_seed(seed)
            save_model(file, rule, build_net(rule).state_dict(), {})
            model = replace(load_volume_model(file, "cpu"), largest=())
            if pieces(model.label(read_volume(save(tmp_path / "a.nii.gz")))) > 1:
                return file
        pytest.fail("no net that finds several organs")

    def test_the_rule_in_use_is_named_and_the_user_decides(
        self, cli: Callable[..., Any], ruled: Path, tmp_path: Path
    ) -> None:
        image = tmp_path / "a.nii.gz"

        def predict(name: str, *options: str) -> tuple[int, str]:
            made = tmp_path / f"{name}.nii.gz"
            outcome = cli("predict", ruled, image, "-o", made, "--device", "cpu", *options)
            assert outcome.code == 0, outcome
            return pieces(read_label_volume(made).array[0]), outcome.err

        many, said = predict("model")
        assert many == 1
        assert "only the largest component is kept of organ, as chosen in training" in said
        many, said = predict("asked", "--largest", "organ")
        assert many == 1
        assert "kept of organ, as asked" in said
        many, said = predict("all", "--no-largest")
        assert many > 1
        assert "all components are kept, as asked" in said

    def test_a_class_there_is_not(
        self, refused: Callable[..., str], ruled: Path, tmp_path: Path
    ) -> None:
        image = save(tmp_path / "a.nii.gz")
        said = refused("predict", ruled, image, "-o", tmp_path / "out", "--largest", "heart")
        assert "--largest 'heart': wanted a class of the model: air, organ" in said


class TestRefused:
    def test_radiological_without_a_preview(
        self, refused: Callable[..., str], folds: Path, tmp_path: Path
    ) -> None:
        image = save(tmp_path / "a.nii.gz")
        said = refused("predict", folds, image, "-o", tmp_path / "out", "--radiological")
        assert "give --preview with it" in said

    @pytest.mark.parametrize("scale", [1000, 10, 0.001])
    def test_a_spacing_in_another_unit(
        self, cli: Callable[..., Any], folds: Path, tmp_path: Path, scale: float
    ) -> None:
        path = altered(tmp_path / "a.nii.gz", affine=np.diag((scale, scale, 2 * scale, 1)))
        outcome = cli("predict", folds, path, "-o", tmp_path / "out")
        assert outcome.code == 2
        spacing = f"{scale:.4g} x {scale:.4g} x {2 * scale:.4g} mm and the model's 1 x 1 x 2,"
        assert f"a.nii.gz: its spacing is {spacing}" in outcome.err
        assert not list((tmp_path / "out").iterdir())

    def test_microns_that_say_so_are_taken(
        self, cli: Callable[..., Any], folds: Path, tmp_path: Path
    ) -> None:
        affine = np.diag((1000, 1000, 2000, 1))
        path = altered(tmp_path / "a.nii.gz", affine=affine, xyzt_units=3)
        assert cli("predict", folds, path, "-o", tmp_path / "out").code == 0
        made = nibabel.load(tmp_path / "out/a.nii.gz")
        assert made.header.get_xyzt_units()[0] == "micron"
        np.testing.assert_allclose(made.affine, affine)

    def test_a_missing_channel(
        self, refused: Callable[..., str], pair: Path, tmp_path: Path
    ) -> None:
        for number in (0, 2):
            save(tmp_path / f"a_{number:04d}.nii.gz")
        said = refused("predict", pair, *sorted(tmp_path.glob("a*")), "-o", tmp_path / "out")
        assert "its channels are _0000, _0002; the model wants _0000 to _0001" in said

    def test_an_output_that_is_there(
        self, refused: Callable[..., str], folds: Path, tmp_path: Path
    ) -> None:
        image = save(tmp_path / "a.nii.gz")
        made = save(tmp_path / "out" / "a_probabilities.nii")
        command = ("predict", folds, image, "-o", tmp_path / "out", "--probabilities")
        assert f"{made}: exists already" in refused(*command)

    @pytest.mark.parametrize("name", ["x.dcm", "x.laz", "x.csv", "x.jpg"])
    def test_a_file_of_a_kind_that_is_not_written(
        self, refused: Callable[..., str], folds: Path, tmp_path: Path, name: str
    ) -> None:
        image = save(tmp_path / "a.nii.gz")
        said = refused("predict", folds, image, "-o", tmp_path / name)
        assert "name a folder, or a file like a.nii.gz" in said or "name the output x.png" in said
        assert not (tmp_path / name).exists()

    def test_the_image_as_output(
        self, refused: Callable[..., str], folds: Path, tmp_path: Path
    ) -> None:
        image = save(tmp_path / "a.nii.gz")
        said = refused("predict", folds, image, "-o", tmp_path, "--overwrite")
        assert "would replace the volume itself" in said

    def test_a_folder_without_volumes(
        self, refused: Callable[..., str], folds: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "in").mkdir()
        said = refused("predict", folds, tmp_path / "in", "-o", tmp_path / "out")
        assert "this folder holds no volume" in said

    @pytest.mark.parametrize(
        "options",
        [("--largest", "organ", "--no-largest"), ("--skip-existing", "--overwrite")],
    )
    def test_options_that_exclude_each_other(
        self, refused: Callable[..., str], folds: Path, tmp_path: Path, options: tuple[str, ...]
    ) -> None:
        said = refused("predict", folds, save(tmp_path / "a.nii"), "-o", tmp_path / "out", *options)
        assert "; name one" in said

    def test_options_of_scans(
        self, refused: Callable[..., str], folds: Path, run_folder: Path, tmp_path: Path
    ) -> None:
        image = save(tmp_path / "a.nii.gz")
        for flag in ("--confidence", "--noise", "--all-points"):
            said = refused("predict", folds, image, "-o", tmp_path / "out", flag)
            assert f"{flag} goes with models of scans" in said
        for option in (["--probabilities"], ["--series", "T2"], ["--precision", "bfloat16"]):
            said = refused("predict", run_folder, image, "-o", tmp_path / "out", *option)
            assert f"{option[0]} goes with models of volumes" in said
