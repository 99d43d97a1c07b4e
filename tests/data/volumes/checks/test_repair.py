"""What is repaired is sound afterwards, and the dataset itself is as it was."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from tests.data.volumes.checks.broken import (
    ERRORS,
    LPS,
    Made,
    contradict,
    cut,
    label_of,
    moved,
    save,
    with_value,
)
from volseg.data.volumes.checks.check import check_dataset
from volseg.data.volumes.checks.repair import repair
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.data.volumes.objects.files import read_ids
from volseg.errors import InputError
from volseg.io.volumes.files import read_label_volume, read_volume


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

    def test_ids_of_objects_come_along(self, tmp_path: Path) -> None:
        random = np.random.default_rng(0)
        for folder in ("images", "labels", "ids"):
            (tmp_path / folder).mkdir()
            Image.fromarray(random.integers(0, 3, (8, 9)).astype(np.uint8)).save(
                tmp_path / folder / "a.png"
            )
        rows = "image,label,objects\nimages/a.png,labels/a.png,ids/a.png\n"
        (tmp_path / "pairs.csv").write_text(rows)
        assert repair(check_dataset(tmp_path / "pairs.csv"), tmp_path / "copy") == []
        (case,) = read_dataset(tmp_path / "copy").cases
        found, truth = read_ids(case, "file", (8, 9, 1)), read_label_volume(tmp_path / "ids/a.png")
        assert np.array_equal(found, truth.array[0])

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
