"""The check: what is wrong is found, and nothing else; what is repaired is sound afterwards."""

from __future__ import annotations

import errno
import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.heard import Heard
from volseg.data.volumes.cache import cached
from volseg.data.volumes.channel import Channel
from volseg.data.volumes.checks.check import check_dataset
from volseg.data.volumes.checks.repair import repair
from volseg.data.volumes.datasets.cases import Problem
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.io.volumes.files import read_label_volume, read_volume
from volseg.plan.fingerprint import read_fingerprint

LPS = np.array([[-0.8, 0, 0, 40], [0, -0.8, 0, 30.5], [0, 0, 2, -20], [0, 0, 0, 1.0]])
SHAPE = (6, 7, 5)


def save(path: Path, array: Any, affine: Any = LPS, channels: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    array = np.asarray(array)
    image = nib.Nifti1Image(array if channels == 1 else np.stack([array] * channels, -1), None)
    image.header.set_sform(affine, 1)
    image.header.set_zooms((1,) * image.ndim)
    image.to_filename(path)
    return path


def image_of(seed: int) -> Any:
    return np.random.default_rng(seed).normal(100, 20, SHAPE).astype(np.float32)


def label_of(seed: int) -> Any:
    label = np.zeros(SHAPE, np.uint8)
    label[1:4, 2:5, 1 + seed % 2 : 4] = 1
    label[1, 2, 2] = 4
    return label


class Made:
    """A sound dataset of three cases in nnU-Net's layout; tests break the case ``b``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for seed, name in enumerate("abc"):
            save(folder / f"imagesTr/{name}_0000.nii.gz", image_of(seed))
            save(folder / f"labelsTr/{name}.nii.gz", label_of(seed))
        said = {"channel_names": {"0": "T2"}, "file_ending": ".nii.gz"}
        said |= {"labels": {"background": 0, "zone": 1, "gland": 4}}
        (folder / "dataset.json").write_text(json.dumps(said))
        self.image = folder / "imagesTr/b_0000.nii.gz"
        self.label = folder / "labelsTr/b.nii.gz"

    def check(self, **options: Any) -> tuple[Problem, ...]:
        return check_dataset(self.folder, **options).problems


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "data")


def moved(shift: float) -> Any:
    """The affine with its origin so many voxels further along the first axis."""
    return LPS @ np.array([[1, 0, 0, shift], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def with_value(value: float, where: Any = (0, 0, 0)) -> Any:
    image = image_of(1)
    image[where] = value
    return image


def with_id(raw: float, kind: Any = np.uint8) -> Any:
    label = label_of(1).astype(kind)
    label[0, 0, :2] = raw
    return label


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.7)])


def wrong_crc(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-8] + bytes(4) + data[-4:])


def patch(path: Path, place: int, value: int) -> None:
    """Another byte in the header."""
    data = bytearray(gzip.decompress(path.read_bytes()))
    data[place] = value if data[place] != value else value + 1
    path.write_bytes(gzip.compress(data))


FLAT = np.diag([0, 0, 0, 1.0])
# What a remedy begins with: it tells what to do.
ORDERS = {
    "add", "copy", "correct", "draw", "export", "give", "have", "lay",
    "make", "name", "replace", "resample", "rewrite", "save", "turn",
}  # fmt: skip
Break = Callable[[Made], Any]
ERRORS: dict[str, tuple[Break, str, str]] = {
    "grid": (lambda d: save(d.label, label_of(1)[:-1]), "label", "has grid 5 x 7 x 5"),
    "affine": (lambda d: save(d.label, label_of(1), moved(3)), "label", "up to 3 voxels off"),
    "half a voxel": (lambda d: save(d.label, label_of(1), moved(0.5)), "label", "0.5 voxels off"),
    "flip": (lambda d: save(d.label, label_of(1), LPS * [[-1], [1], [1], [1]]), "label", "off its"),
    "unknown id": (lambda d: save(d.label, with_id(9)), "label", "9 (2 voxels)"),
    "fraction": (lambda d: save(d.label, with_id(0.5, np.float32)), "label", "0.5"),
    "NaN": (lambda d: save(d.image, with_value(np.nan)), "image", "1 of 210 voxels NaN"),
    "infinite": (lambda d: save(d.image, with_value(-np.inf)), "image", "1 of 210 voxels NaN"),
    "all NaN": (lambda d: save(d.image, with_value(np.nan, ...)), "image", "210 of 210 voxels"),
    "constant": (lambda d: save(d.image, with_value(7, ...)), "image", "the value 7 everywhere"),
    "channels": (lambda d: save(d.image, image_of(1), channels=2), "image", "has 2 channels"),
    "no label": (lambda d: d.label.unlink(), "image", "no label"),
    "zero affine": (lambda d: save(d.image, image_of(1), FLAT), "image", "affine"),
    "zero affine of a label": (lambda d: save(d.label, label_of(1), FLAT), "label", "affine"),
    "NaN affine": (lambda d: save(d.image, image_of(1), LPS * np.nan), "image", "affine"),
    "huge spacing": (lambda d: _both(d, LPS * 1000), "image", "spacing is 800 x 800 x 2000"),
    "cut image": (lambda d: cut(d.image), "image", ""),
    "cut label": (lambda d: cut(d.label), "label", ""),
    "damaged": (lambda d: wrong_crc(d.image), "image", ""),
    "empty": (lambda d: d.image.write_bytes(b""), "image", ""),
    "two channels": (lambda d: save(d.label, label_of(1), channels=2), "label", "label map has"),
    "no dimension": (lambda d: patch(d.image, 40, 9), "image", "dimensions, wanted 1 to 7"),
    "no type": (lambda d: patch(d.image, 70, 99), "image", "header is damaged"),
    "text": (lambda d: d.label.write_text("see other folder"), "label", ""),
}
WARNINGS: dict[str, tuple[Break, str, str]] = {
    "tenth of a voxel": (lambda d: save(d.label, label_of(1), moved(0.05)), "label", "0.05 voxels"),
    "empty label": (lambda d: save(d.label, np.zeros(SHAPE, np.uint8)), "label", "background al"),
    "odd spacing": (lambda d: _both(d, LPS * [1, 1, 5, 1]), "image", "most others' 0.8 x 0.8 x 2"),
    "twin": (lambda d: save(d.image, image_of(0)), "image", "same image as that of a"),
    "orphan": (lambda d: d.label.with_name("z.nii.gz").write_bytes(b""), "z.nii.gz", "no image"),
}


def _both(made: Made, affine: Any) -> None:
    affine = np.array(affine)
    affine[3] = (0, 0, 0, 1)
    save(made.image, image_of(1), affine)
    save(made.label, label_of(1), affine)


class TestProblems:
    def test_a_sound_dataset_has_none(self, made: Made) -> None:
        report = check_dataset(made.folder)
        assert report.problems == ()
        assert not report.broken
        wanted = "3 cases, 1 channel, spacing 0.8 x 0.8 x 2, no problem found"
        assert report.summary() == wanted

    @pytest.mark.parametrize("name", ERRORS)
    def test_errors(self, made: Made, name: str) -> None:
        spoil, part, said = ERRORS[name]
        spoil(made)
        report = check_dataset(made.folder)
        (error,) = [one for one in report.problems if one.severity == "error"]
        assert (error.case, error.path) == ("b", getattr(made, part))
        assert said in error.message
        assert error.remedy.split()[0] in ORDERS | {"`volseg"}
        assert report.broken

    @pytest.mark.parametrize("name", WARNINGS)
    def test_warnings(self, made: Made, name: str) -> None:
        spoil, part, said = WARNINGS[name]
        spoil(made)
        report = check_dataset(made.folder)
        (problem,) = report.problems
        assert problem.severity == "warning"
        path = getattr(made, part, made.label.with_name(part))
        assert problem.path == path
        assert said in problem.message
        assert problem.remedy.split()[0] in ORDERS | {"remove"}
        assert not report.broken

    @given(st.floats(-9e-4, 9e-4), st.integers(0, 2))
    @settings(max_examples=20, deadline=None)
    def test_rounding_is_no_problem(
        self, tmp_path_factory: pytest.TempPathFactory, shift: float, axis: int
    ) -> None:
        made = Made(tmp_path_factory.mktemp("data"))
        affine = LPS.copy()
        affine[axis, 3] += shift * 0.8
        save(made.label, label_of(1), affine)
        assert made.check() == ()

    def test_all_are_found_at_once(self, made: Made) -> None:
        save(made.folder / "imagesTr/a_0000.nii.gz", np.zeros(SHAPE, np.float32))
        cut(made.image)
        save(made.label, with_id(9))
        (made.folder / "labelsTr/c.nii.gz").unlink()
        report = check_dataset(made.folder)
        assert [one.case for one in report.problems] == ["a", "b", "b", "c"]
        assert report.summary().startswith("2 cases, 1 channel, ")
        assert report.summary().endswith(", 4 errors")

    def test_a_class_that_nobody_has(self, made: Made) -> None:
        for name in "abc":
            save(made.folder / f"labelsTr/{name}.nii.gz", (label_of(0) > 0).astype(np.uint8))
        (problem,) = made.check()
        assert (problem.case, problem.severity) == ("", "warning")
        assert "class gland (4)" in problem.message

    def test_another_number_of_cases_than_the_dataset_says(self, made: Made) -> None:
        said = json.loads((made.folder / "dataset.json").read_text())
        (made.folder / "dataset.json").write_text(json.dumps(said | {"numTraining": 48}))
        (problem,) = made.check()
        assert problem.severity == "warning"
        assert problem.message == "says numTraining 48; 3 cases are there"

    def test_one_flat_channel_of_several(self, made: Made) -> None:
        for name in "abc":
            array = np.stack([image_of(ord(name)), np.zeros(SHAPE, np.float32)], -1)
            save(made.folder / f"imagesTr/{name}_0000.nii.gz", array)
        said = json.loads((made.folder / "dataset.json").read_text())
        said["channel_names"]["1"] = "DWI"
        (made.folder / "dataset.json").write_text(json.dumps(said))
        problems = made.check()
        assert {one.severity for one in problems} == {"warning"}
        assert {one.message for one in problems} == {"channel 1 has the value 0 everywhere"}

    def test_other_classes(self, made: Made) -> None:
        classes = (LabelClass("rest", (0,), "#000000"), LabelClass("zone", (1,), "#FFFFFF"))
        assert len(made.check(labels=LabelMap(classes))) == 3
        assert made.check(labels=LabelMap(classes, ignore=(4,))) == ()

    @pytest.mark.parametrize("threads", [1, 3])
    def test_progress(self, made: Made, threads: int) -> None:
        heard = Heard()
        made.check(threads=threads, progress=heard)
        assert heard.works == [("checking", done, 3) for done in range(4)]

    def test_jpeg_labels(self, tmp_path: Path) -> None:
        for folder in ("images", "masks"):
            (tmp_path / folder).mkdir()
            blocks = np.kron(np.eye(3), np.ones((8, 8))).astype(np.uint8) * 255
            Image.fromarray(blocks).save(tmp_path / folder / "a.jpg")
        problem, _ = check_dataset(tmp_path).problems  # and one case is too few
        assert problem.path == tmp_path / "masks/a.jpg"
        assert problem.remedy == "save the label as PNG"

    @pytest.mark.parametrize("sform", [np.eye(4), moved(3), LPS @ np.diag((3, 3, 3, 1))])
    def test_a_header_that_contradicts_itself(self, made: Made, sform: Any) -> None:
        contradict(made.image, sform)
        (problem,) = made.check()
        assert (problem.path, problem.severity, problem.repair) == (made.image, "warning", "place")
        assert "its sform" in problem.message
        assert "is taken" in problem.remedy
        assert "have it written into both (--fix OUT)" in problem.remedy


def contradict(path: Path, sform: Any) -> None:
    """Have the header say one place in its qform and pixdim, which labels have, another besides."""
    image = nib.Nifti1Image(np.asarray(nib.load(path).dataobj), None)
    image.set_qform(LPS, 1)
    image.set_sform(sform, 1)
    nib.save(image, path)


class TestRepair:
    def repaired(self, made: Made) -> tuple[Path, list[str], list[str]]:
        """The copy, what was changed, and the cases left out; the source is as it was."""
        before = {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}
        out = made.folder.with_name("copy")
        changes = repair(check_dataset(made.folder), out)
        after = {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}
        assert after == before
        done = [f"{one.case} {one.done}" for one in changes if one.kept]
        return out, done, [one.case for one in changes if not one.kept]

    def test_a_sound_dataset_is_copied(self, made: Made) -> None:
        out, done, lost = self.repaired(made)
        assert (done, lost) == ([], [])
        assert check_dataset(out).problems == ()
        old, new = read_dataset(made.folder), read_dataset(out)
        assert (new.channels, new.classes) == (old.channels, old.classes)
        for one, other in zip(old.cases, new.cases, strict=True):
            assert other.images[0].read_bytes() == one.images[0].read_bytes()
            assert one.label is not None
            assert other.label is not None
            assert other.label.read_bytes() == one.label.read_bytes()

    @pytest.mark.parametrize("affine", [moved(0.5), moved(0.05), np.eye(4)])
    def test_a_label_takes_its_images_affine(self, made: Made, affine: Any) -> None:
        save(made.label, label_of(1), affine)
        out, done, lost = self.repaired(made)
        assert (done, lost) == (["b b.nii.gz: given its image's affine"], [])
        assert check_dataset(out).problems == ()
        label = read_label_volume(out / "labelsTr/b.nii.gz")
        np.testing.assert_array_equal(label.array[0], label_of(1))
        np.testing.assert_allclose(label.affine, LPS, atol=1e-6)

    @pytest.mark.parametrize("code", ["RAS", "PIR", "SLA"])
    def test_a_label_takes_its_images_axes(self, made: Made, code: str) -> None:
        from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

        plain = nib.Nifti1Image(label_of(1), LPS)
        turned = plain.as_reoriented(ornt_transform(io_orientation(LPS), axcodes2ornt(code)))
        save(made.label, np.asarray(turned.dataobj), turned.affine)
        out, done, lost = self.repaired(made)
        assert (done, lost) == (["b b.nii.gz: axes turned to its image's"], [])
        assert check_dataset(out).problems == ()
        label = read_label_volume(out / "labelsTr/b.nii.gz")
        np.testing.assert_array_equal(label.array[0], label_of(1))

    @pytest.mark.parametrize("sform", [np.eye(4), moved(3)])
    def test_a_header_gets_one_place(self, made: Made, sform: Any) -> None:
        contradict(made.image, sform)
        out, done, lost = self.repaired(made)
        wanted = "b b_0000.nii.gz: given one place, in sform and qform"
        assert (done, lost) == ([wanted, "b b.nii.gz: given its image's affine"], [])
        assert check_dataset(out).problems == ()
        for part in ("imagesTr/b_0000.nii.gz", "labelsTr/b.nii.gz"):
            np.testing.assert_allclose(nib.load(out / part).affine, LPS, atol=1e-5)

    def test_values_become_finite(self, made: Made) -> None:
        image = with_value(np.nan, (slice(2), 0, 0))
        image[3, 3, 3] = -5
        save(made.image, image)
        out, done, lost = self.repaired(made)
        assert (done, lost) == (["b b_0000.nii.gz: 2 NaN or infinite voxels set to -5"], [])
        assert check_dataset(out).problems == ()
        new = read_volume(read_dataset(out).cases[1].images)
        np.testing.assert_array_equal(new.array[0], np.nan_to_num(image, nan=-5))
        np.testing.assert_allclose(new.affine, LPS, atol=1e-6)

    @pytest.mark.parametrize(
        "name", [one for one in ERRORS if one not in ("half a voxel", "NaN", "infinite")]
    )
    def test_what_a_person_has_to_look_at_is_left_out(self, made: Made, name: str) -> None:
        ERRORS[name][0](made)
        out, done, lost = self.repaired(made)
        assert (done, set(lost)) == ([], {"b"})
        assert [case.name for case in read_dataset(out).cases] == ["a", "c"]
        assert not check_dataset(out).broken

    @pytest.mark.parametrize("part", ["image", "label"])
    def test_so_is_a_case_that_is_there_twice(self, made: Made, part: str) -> None:
        (made.folder / "dataset.json").unlink()
        save(getattr(made, part).with_suffix(""), label_of(1))
        out, done, lost = self.repaired(made)
        assert (done, lost) == ([], ["b"])
        assert [case.name for case in read_dataset(out).cases] == ["a", "c"]

    def test_regions_ignore_and_groups_are_kept(self, tmp_path: Path) -> None:
        made = Made(tmp_path / "data")
        said = {"channel_names": {"0": "T2"}, "file_ending": ".nii.gz"}
        labels = {"background": 0, "whole": [1, 4], "core": [4], "ignore": 7}
        said |= {"labels": labels, "regions_class_order": [1, 4]}
        (made.folder / "dataset.json").write_text(json.dumps(said))
        old = read_dataset(made.folder)
        new = read_dataset(self.repaired(made)[0])
        for name in ("channels", "classes", "ignore", "overlap", "background"):
            assert getattr(new, name) == getattr(old, name)

    def test_a_csv_of_images_becomes_a_folder(self, tmp_path: Path) -> None:
        rows = ["case,image,label,group"]
        for name in "ab":
            pixels = np.random.default_rng(ord(name)).integers(0, 255, (8, 9, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"{name}.tif")
            Image.fromarray(pixels[..., 0] // 128 * 255).save(tmp_path / f"{name}.png")
            rows.append(f"eye_{name},{name}.tif,{name}.png,g{name}")
        (tmp_path / "pairs.csv").write_text("\n".join(rows))
        assert repair(check_dataset(tmp_path / "pairs.csv"), tmp_path / "copy") == []
        copy = read_dataset(tmp_path / "copy")
        assert [case.name for case in copy.cases] == ["eye_a", "eye_b"]
        assert copy.classes == {"background": (0,), "class_255": (255,)}
        assert check_dataset(tmp_path / "copy").problems == ()
        groups = (tmp_path / "copy/groups.csv").read_text().split()
        assert groups == ["case,group", "eye_a,ga", "eye_b,gb"]

    def test_nothing_is_overwritten(self, made: Made, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no empty folder"):
            repair(check_dataset(made.folder), made.folder)
        (tmp_path / "file").touch()
        with pytest.raises(InputError, match="no empty folder"):
            repair(check_dataset(made.folder), tmp_path / "file")

    def test_a_full_disk_leaves_no_half_copy(
        self, made: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fill(source: Any, copy: Any) -> None:
            copy.write(source.read(100))
            raise OSError(errno.ENOSPC, "no space")

        monkeypatch.setattr(shutil, "copyfileobj", fill)
        out = made.folder.with_name("copy")
        with pytest.raises(InputError, match=r"_0000\.nii\.gz: the disk is full"):
            repair(check_dataset(made.folder), out)
        assert not [path for path in out.rglob("*") if path.is_file()]

    def test_nothing_sound(self, made: Made, tmp_path: Path) -> None:
        for path in made.folder.rglob("*.nii.gz"):
            cut(path)
        with pytest.raises(InputError, match="no case is sound"):
            repair(check_dataset(made.folder), tmp_path / "copy")
        assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    ("folder", "summary"),
    [
        ("mri/Dataset105_Prostate", "18 cases, 1 channel, spacing 0.625 x 0.625 x 3.6"),
        ("img2d/isbi2012_em", "24 cases, 1 channel, spacing 1 x 1 x 1"),
        ("img2d/drive_retina", "20 cases, 3 channels, spacing 1 x 1 x 1"),
    ],
)
def test_real_datasets_are_sound(shared_data: Path, folder: str, summary: str) -> None:
    report = check_dataset(shared_data / folder)
    assert report.problems == ()
    assert report.summary() == f"{summary}, no problem found"


def test_a_png_lies_on_a_tiff_that_knows_its_spacing(tmp_path: Path) -> None:
    for seed, name in enumerate("ab"):
        cells = np.random.default_rng(seed).integers(0, 9999, (3, 8, 9)).astype(np.uint16)
        said = {"axes": "CYX", "PhysicalSizeX": 0.3, "PhysicalSizeY": 0.05}
        for folder in ("images", "labels"):
            (tmp_path / folder).mkdir(exist_ok=True)
        tifffile.imwrite(tmp_path / f"images/{name}.ome.tif", cells, metadata=said)
        Image.fromarray((cells[0] > 5000).astype(np.uint8)).save(tmp_path / f"labels/{name}.png")
    report = check_dataset(tmp_path)
    assert (
        report.summary() == "2 cases, 3 channels, spacing 5e-05 x 0.0003 x 5e-05, no problem found"
    )
    (tmp_path / "cache").mkdir()
    entry = cached(
        report.dataset.cases[0], tmp_path / "cache", spacing=(5e-5, 3e-4, 5e-5),
        channels=[Channel()] * 3, labels=LabelMap((LabelClass("none", (0,), "#000000"),
        LabelClass("cell", (1,), "#ffffff"))),
    )  # fmt: skip
    assert entry.labels.shape == (8, 9, 1)


def test_a_pair_is_one_file_of_a_dataset_and_one_nifti_of_its_copy(tmp_path: Path) -> None:
    for seed, name in enumerate("ab"):
        for folder, array in (("imagesTr", image_of(seed)), ("labelsTr", label_of(seed))):
            (tmp_path / "data" / folder).mkdir(parents=True, exist_ok=True)
            stem = f"{name}_0000" if folder == "imagesTr" else name
            nib.save(nib.Nifti1Pair(array, LPS), tmp_path / f"data/{folder}/{stem}.img")
    for ending in (".img", ".hdr"):
        said = {"channel_names": {"0": "T2"}, "labels": {"b": 0, "zone": 1, "gland": 4}}
        (tmp_path / "data/dataset.json").write_text(json.dumps({**said, "file_ending": ending}))
        report = check_dataset(tmp_path / "data")
        assert report.summary() == "2 cases, 1 channel, spacing 0.8 x 0.8 x 2, no problem found"
    repair(report, tmp_path / "copy")
    assert check_dataset(tmp_path / "copy").problems == ()
    assert np.array_equal(read_volume(tmp_path / "copy/imagesTr/b_0000.nii").array[0], image_of(1))


def test_a_gray_photograph_among_coloured_ones_is_read_as_they_are(tmp_path: Path) -> None:
    for seed, name in enumerate("abc"):
        cells = np.random.default_rng(seed).integers(0, 256, (8, 9, 3)).astype(np.uint8)
        for folder in ("images", "labels"):
            (tmp_path / folder).mkdir(exist_ok=True)
        photograph = Image.fromarray(cells[..., 0] if name == "b" else cells)
        photograph.save(tmp_path / f"images/{name}.jpg")
        Image.fromarray((cells[..., 0] > 99).astype(np.uint8)).save(tmp_path / f"labels/{name}.png")
    report = check_dataset(tmp_path)
    (problem,) = report.problems
    assert (problem.case, problem.severity) == ("b", "warning")
    assert "gray among colours" in problem.message
    facts = read_fingerprint(report.dataset, memory=1 << 30)
    assert {one.channels for one in facts.frames} == {3}
    assert len(facts.intensities) == 3
