"""``volseg predict`` with a model of volumes: label maps that lie on their images."""

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

from volseg.config import VolumeModelSpec
from volseg.io import read_label_volume, read_volume
from volseg.models.load import load_model, load_volume_model, save_model
from volseg.models.nets import build_volume_net
from volseg.predict.volumes.model import VolumeModel

AFFINE = np.array([[0, -1.5, 0, 9], [1.2, 0, 0.3, -4], [0, 0.2, 2, 5], [0, 0, 0, 1.0]])
GRID = (9, 12, 7)


def spec(channels: int = 1, largest: tuple[str, ...] = ()) -> VolumeModelSpec:
    return VolumeModelSpec.model_validate(
        {
            "labels": {"classes": {"air": {"ids": [0]}, "organ": {"ids": [7]}}},
            "net": {"widths": [4, 8], "norm": "instance"},
            "images": {
                "channels": [{"name": f"c{one}"} for one in range(channels)],
                "spacing": [1, 1, 2],
                "patch": [8, 8, 8],
                "mirror": [0, 1],
            },
            "largest": largest,
        }
    )


def run(folder: Path, channels: int = 1, folds: int = 2) -> Path:
    for fold in range(folds):
        torch.manual_seed(fold)
        place = folder / f"fold_{fold}"
        place.mkdir(parents=True)
        net = build_volume_net(spec(channels))
        save_model(place / "best.safetensors", spec(channels), net.state_dict(), {})
    return folder


def save(path: Path, seed: int = 0, channels: int | None = None) -> Path:
    path.parent.mkdir(exist_ok=True)
    shape = GRID if channels is None else (*GRID, channels)
    array = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(array, AFFINE), path)
    return path


@pytest.fixture(scope="module")
def folds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("pair"), channels=2, folds=1)


def test_a_folder_of_images_becomes_one_of_label_maps(
    cli: Callable[..., Any], folds: Path, tmp_path: Path
) -> None:
    images = [save(tmp_path / "in" / name, seed) for seed, name in enumerate(("a.nii.gz", "b.nii"))]
    (tmp_path / "in" / "._a.nii.gz").write_bytes(b"left by another system")
    outcome = cli("predict", folds, tmp_path / "in", "-o", tmp_path / "out", "--device", "cpu")
    assert outcome.code == 0, outcome
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["a.nii.gz", "b.nii"]
    model = load_volume_model(folds, "cpu")
    for image in images:
        made = read_label_volume(tmp_path / "out" / image.name)
        np.testing.assert_array_equal(made.array[0], model.label(read_volume(image)))
        np.testing.assert_allclose(made.affine, AFFINE, atol=1e-5)
        assert image.name in outcome.out
    for word in ("start", "compute", "network", "read", "write"):
        assert word in outcome.err


def test_nifti_says_which_model_made_it(
    cli: Callable[..., Any], folds: Path, tmp_path: Path
) -> None:
    from volseg._version import __version__

    save(tmp_path / "images/a.nii.gz")
    assert cli("predict", folds, tmp_path / "images", "-o", tmp_path / "out").code == 0
    text = nibabel.load(tmp_path / "out/a.nii.gz").header["descrip"].item().decode()
    assert text.startswith(f"volseg {__version__}, model {folds.name}, sha256 ")


def test_probabilities_and_mirrored_views_are_those_of_the_model(
    cli: Callable[..., Any], folds: Path, tmp_path: Path
) -> None:
    image = save(tmp_path / "a.nii.gz")
    outcome = cli(
        "predict", folds, image, "-o", tmp_path / "out", "--tta", "--probabilities",
        "--device", "cpu",
    )  # fmt: skip
    assert outcome.code == 0, outcome
    chances = np.zeros((2, *GRID), dtype=np.float32)
    labels = load_volume_model(folds, "cpu").label(
        read_volume(image), tta=True, probabilities=chances
    )
    made = nibabel.load(tmp_path / "out" / "a_probabilities.nii")
    np.testing.assert_array_equal(np.moveaxis(made.get_fdata(), 3, 0), chances)
    np.testing.assert_allclose(made.affine, AFFINE, atol=1e-5)
    np.testing.assert_array_equal(read_label_volume(tmp_path / "out/a.nii.gz").array[0], labels)


def test_the_precision_is_the_models(cli: Callable[..., Any], folds: Path, tmp_path: Path) -> None:
    image = save(tmp_path / "a.nii.gz")
    command = ("predict", folds, image, "--device", "cpu", "--precision", "bfloat16", "-o")
    assert cli(*command, tmp_path / "out").code == 0
    model = load_model(folds, "cpu", precision="bfloat16")
    assert isinstance(model, VolumeModel)
    made = read_label_volume(tmp_path / "out/a.nii.gz").array[0]
    np.testing.assert_array_equal(made, model.label(read_volume(image)))
    chances = np.zeros((2, 2, *GRID), dtype=np.float32)
    for one, filled in zip((model, replace(model, precision="float32")), chances, strict=True):
        one.label(read_volume(image), probabilities=filled)
    assert 0 < abs(chances[0] - chances[1]).max() < 0.1


def test_channels_in_files_of_their_own_are_one_image(
    cli: Callable[..., Any], pair: Path, tmp_path: Path
) -> None:
    for number in range(2):
        save(tmp_path / "in" / f"a_{number:04d}.nii.gz", number)
    save(tmp_path / "in" / "whole.nii.gz", 5, channels=2)
    outcome = cli("predict", pair, tmp_path / "in", "-o", tmp_path / "out", "--device", "cpu")
    assert outcome.code == 0, outcome
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["a.nii.gz", "whole.nii.gz"]


def test_a_lone_channel_loses_its_number(
    cli: Callable[..., Any], folds: Path, tmp_path: Path
) -> None:
    image = save(tmp_path / "a_0000.nii.gz")
    assert cli("predict", folds, image, "-o", tmp_path / "out", "--device", "cpu").code == 0
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["a.nii.gz"]


def test_one_image_may_go_to_one_file(cli: Callable[..., Any], folds: Path, tmp_path: Path) -> None:
    made = tmp_path / "labels.nii.gz"
    image = save(tmp_path / "a.nii.gz")
    assert cli("predict", folds, image, "-o", made, "--device", "cpu").code == 0
    assert read_label_volume(made).grid == GRID


def test_a_broken_image_does_not_stop_the_others(
    cli: Callable[..., Any], folds: Path, tmp_path: Path
) -> None:
    for seed, name in enumerate("abc"):
        save(tmp_path / "in" / f"{name}.nii.gz", seed)
    broken = tmp_path / "in" / "b.nii.gz"
    broken.write_bytes(broken.read_bytes()[:900])
    save(tmp_path / "in" / "d.nii.gz", channels=3)
    outcome = cli("predict", folds, tmp_path / "in", "-o", tmp_path / "out", "--device", "cpu")
    assert outcome.code == 2
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["a.nii.gz", "c.nii.gz"]
    errors = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    assert [str(broken) in errors[0], "3 channels; wanted 1" in errors[1]] == [True, True]
    assert "2 of 4 files done, 2 failed" in outcome.err


def altered(path: Path, array: Any = None, affine: Any = AFFINE, **fields: Any) -> Path:
    """An image of other values, place or header."""
    array = np.random.default_rng(0).normal(size=GRID) if array is None else array
    made = nibabel.Nifti1Image(array.astype(np.float32), affine)
    for name, value in fields.items():
        made.header[name] = value
    nibabel.save(made, path)
    return path


def test_voxels_that_are_no_numbers_are_replaced_and_counted(
    cli: Callable[..., Any], folds: Path, tmp_path: Path
) -> None:
    plain = np.random.default_rng(0).normal(size=GRID).astype(np.float32)
    broken = plain.copy()
    broken[:2], broken[-1, 0, 0] = np.nan, np.inf
    plain[~np.isfinite(broken)] = plain[np.isfinite(broken)].min()
    altered(tmp_path / "a.nii.gz", broken)
    outcome = cli("predict", folds, tmp_path / "a.nii.gz", "-o", tmp_path / "b.nii.gz")
    assert outcome.code == 0, outcome
    assert "a.nii.gz: 169 of 756 voxels are NaN or infinite; segmented as -" in outcome.err
    wanted = load_volume_model(folds, "cpu").label(read_volume(altered(tmp_path / "c.nii", plain)))
    np.testing.assert_array_equal(read_label_volume(tmp_path / "b.nii.gz").array[0], wanted)


def test_a_header_that_contradicts_itself_is_named(
    cli: Callable[..., Any], folds: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.nii"
    made = nibabel.Nifti1Image(np.ones(GRID, np.float32), None)
    made.set_qform(np.diag((1.5, 1.5, 3, 1)), 1)
    made.set_sform(np.diag((0.1, 0.1, 0.1, 1)), 1)
    nibabel.save(made, path)
    outcome = cli("predict", folds, path, "-o", tmp_path / "out")
    assert outcome.code == 0, outcome
    assert "a.nii: its sform has spacing 0.1 x 0.1 x 0.1, pixdim 1.5 x 1.5 x 3 mm" in outcome.err


def test_a_second_sequence_costs_its_case_alone(
    cli: Callable[..., Any], folds: Path, tmp_path: Path
) -> None:
    for number, name in enumerate(("a_0000", "a_0001", "b_0000")):
        save(tmp_path / "in" / f"{name}.nii.gz", number)
    outcome = cli("predict", folds, tmp_path / "in", "-o", tmp_path / "out", "--device", "cpu")
    assert outcome.code == 2
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["b.nii.gz"]
    assert "a_0000.nii.gz: its channels are _0000, _0001; the model wants _0000" in outcome.err
    assert "1 of 2 files done, 1 failed: a_0000.nii.gz" in outcome.err


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
            save_model(file, rule, build_volume_net(rule).state_dict(), {})
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


def test_labels_within_a_tree_are_no_images(
    cli: Callable[..., Any], folds: Path, tmp_path: Path
) -> None:
    for name in ("a/ct", "a/segmentations/liver", "b/ct", "derivatives/x/c_dseg"):
        (tmp_path / f"data/{name}").parent.mkdir(parents=True, exist_ok=True)
        save(tmp_path / f"data/{name}.nii.gz")
    outcome = cli("predict", folds, tmp_path / "data", "-o", tmp_path / "out")
    assert outcome.code == 0
    assert "2 volumes in folders of labels are left out" in outcome.err
    made = sorted(one.relative_to(tmp_path / "out") for one in (tmp_path / "out").rglob("*.nii.gz"))
    assert made == [Path("a/ct.nii.gz"), Path("b/ct.nii.gz")]
