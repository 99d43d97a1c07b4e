"""``volseg predict`` with a model of volumes: label maps that lie on their images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from tests.cli.volumes import AFFINE, GRID, altered, run, save
from volseg.io import read_label_volume, read_volume
from volseg.models.load import load_model, load_volume_model
from volseg.predict.volumes.model import VolumeModel


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


def test_a_box_by_one_fold_and_compressed_probabilities(
    cli: Callable[..., Any], folds: Path, tmp_path: Path
) -> None:
    image = save(tmp_path / "a.nii.gz")
    command = ("predict", folds, image, "--device", "cpu", "-o", tmp_path / "out", "--fold", "1")
    outcome = cli(*command, "--roi", "2:,:,:5", "--probabilities", "--compress")
    assert outcome.code == 0, outcome
    made = nibabel.load(tmp_path / "out" / "a_probabilities.nii.gz").get_fdata()
    assert not made[:2].any()
    assert not made[:, :, 5:].any()
    np.testing.assert_allclose(made[2:, :, :5].sum(axis=3), 1, atol=0.005)
    assert "wanted fold_7" in cli(*command, "--fold", "7").err
    assert "--compress goes with" in cli(*command, "--compress").err


def test_a_series_gets_a_segmentation_of_its_study(
    cli: Callable[..., Any], folds: Path, tmp_path: Path
) -> None:
    pytest.importorskip("highdicom")
    from tests.io.volumes.test_dicom_seg import series

    command = ("predict", folds, "--device", "cpu", "--dicom-seg", "-o", tmp_path / "out")
    outcome = cli(*command, "--rtstruct", series(tmp_path / "ct"))
    assert outcome.code == 0, outcome
    labels = read_label_volume(tmp_path / "out/ct.nii.gz").array[0]
    segments = read_label_volume(tmp_path / "out/ct_seg.dcm").array[0]
    assert (tmp_path / "out/ct_rtstruct.dcm").stat().st_size > 1000
    assert np.count_nonzero(segments == 7) == np.count_nonzero(labels == 7) > 0
    outcome = cli(*command, save(tmp_path / "a.nii.gz"))
    assert outcome.code == 2
    assert "a.nii.gz: is no DICOM series, as --dicom-seg wants" in outcome.err


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
