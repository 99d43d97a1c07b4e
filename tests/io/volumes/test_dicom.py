"""Series of DICOM as a PACS gives them, with files that SimpleITK writes."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.io import (
    is_volume,
    label_suffix,
    read_label_volume,
    read_volume,
    read_volume_header,
    write_label_volume,
)
from volseg.io.volumes.dicom import choose_series

sitk = pytest.importorskip("SimpleITK")


RANDOM = np.random.default_rng(0)


ARRAY = RANDOM.integers(-500, 500, (4, 5, 6)).astype(np.int16)  # (X, Y, Z)


DIRECTION = (0.8, -0.6, 0, 0.6, 0.8, 0, 0, 0, -1)


def image(array=ARRAY, direction=DIRECTION):
    made = sitk.GetImageFromArray(array.T)
    made.SetSpacing((0.7, 0.8, 3.3))
    made.SetOrigin((10.5, -20.25, 30.125))
    made.SetDirection(direction)
    return made


def series(folder, count=6, uid="1.2.3", said=None, lean=0.0):
    """A DICOM series whose files' names run against their positions."""
    whole, writer = image(direction=(1, 0, 0, 0, 1, 0, 0, 0, 1)), sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    folder.mkdir(exist_ok=True, parents=True)
    for z in range(count):
        one = whole[:, :, z]
        x, y, above = whole.TransformIndexToPhysicalPoint((0, 0, z))
        place = x, y + lean * z, above
        for tag, value in {
            "0008|0060": "MR", "0008|0018": f"{uid}.{z}", "0020|000d": "1.2", "0020|000e": uid,
            "0020|0013": str(z), "0020|0032": "\\".join(map(str, place)),
            "0020|0037": "1\\0\\0\\0\\1\\0", **(said or {}),
        }.items():  # fmt: skip
            one.SetMetaData(tag, value)
        writer.SetFileName(str(folder / f"{uid}_{9 - z}.dcm"))
        writer.Execute(one)
    return folder


class TestSeries:
    def test_slices_stand_in_order_of_position(self, tmp_path):
        folder = series(tmp_path / "scan")
        (folder / "README").write_text("a note")
        volume, header = read_volume(folder), read_volume_header(folder)
        assert is_volume(folder)
        assert np.array_equal(volume.array[0], ARRAY)
        wanted = np.diag((-0.7, -0.8, 3.3, 1.0))
        wanted[:3, 3] = -10.5, 20.25, 30.125
        assert np.allclose(volume.affine, wanted, atol=1e-5)
        assert header.grid == (4, 5, 6)
        assert np.array_equal(header.affine, volume.affine)

    def test_labels_are_written_as_nifti(self, tmp_path):
        folder, out = series(tmp_path / "scan"), tmp_path / "out.nii.gz"
        assert label_suffix(folder) == ".nii.gz"
        write_label_volume(out, (ARRAY > 0).astype(np.uint8), like=folder)
        assert np.array_equal(read_label_volume(out).array[0], ARRAY > 0)
        assert np.allclose(read_label_volume(out).affine, read_volume(folder).affine, atol=1e-5)

    def test_a_missing_slice_is_told(self, tmp_path):
        folder = series(tmp_path / "scan")
        (folder / "1.2.3_7.dcm").unlink()
        with pytest.raises(InputError, match=r"slices lie 3\.3 to 6\.6 mm apart"):
            read_volume(folder)

    def test_two_series_are_refused(self, tmp_path):
        folder = series(series(tmp_path / "scan"), uid="1.2.4")
        with pytest.raises(InputError, match="holds 2 series: no name"):
            read_volume(folder)

    def test_a_tilted_gantry_keeps_every_voxel_in_its_place(self, tmp_path):
        folder, out = series(tmp_path / "scan", lean=0.6), tmp_path / "out.nii.gz"
        header = read_volume_header(folder)
        assert "lean by 10.3 degrees" in header.doubt
        assert np.allclose(header.affine[:3, 2], (0, -0.6, 3.3), atol=1e-4)
        assert np.array_equal(read_volume(folder).array[0], ARRAY)
        write_label_volume(out, (ARRAY > 0).astype(np.uint8), like=folder)
        written = read_volume_header(out)
        assert np.allclose(written.affine, header.affine, atol=1e-4)
        assert not written.doubt

    def test_one_slice(self, tmp_path):
        assert np.array_equal(read_volume(series(tmp_path / "s", 1)).array[0], ARRAY[..., :1])


class TestStudy:
    """Folders as a PACS or a disc gives them."""

    def test_a_series_is_found_in_folders_within_folders(self, tmp_path):
        series(tmp_path / "a" / "ST0" / "SE0")
        (tmp_path / "a" / "ST0" / "notes.txt").write_text("?")
        assert is_volume(tmp_path / "a")
        assert not is_volume(tmp_path.parent)
        assert np.array_equal(read_volume(tmp_path / "a").array[0], ARRAY)
        assert read_volume_header(tmp_path / "a").grid == (4, 5, 6)

    @pytest.mark.parametrize(
        "said", [{"0008|103e": "3-plane Localiser"}, {"0008|0008": "ORIGINAL\\PRIMARY\\LOCALIZER"}]
    )
    @pytest.mark.parametrize("inside", ["", "SE1"])
    def test_localizers_are_left_out(self, tmp_path, said, inside):
        folder = series(tmp_path / "a" / inside, said={"0008|103e": "T2 axial"})
        series(tmp_path / "a", 3, uid="1.2.9", said=said)
        assert np.array_equal(read_volume(tmp_path / "a").array[0], ARRAY)
        first = next(one for one in sorted((tmp_path / "a").iterdir()) if "1.2.9" in one.name)
        assert read_volume(first).grid == (4, 5, 3), "a file that is named is of its own series"
        assert folder.is_dir()

    def test_several_series_are_named_and_chosen_by_what_they_are_called(self, tmp_path):
        for number, name in enumerate(("T1 mprage", "T2 tse", "T2 tse fs")):
            series(tmp_path / f"a/SE{number}", number + 2, f"1.2.{number}", {"0008|103e": name})
        with pytest.raises(InputError, match=r"holds 3 series: T1 mprage \(2 files, SE0/1\.2"):
            read_volume(tmp_path / "a")
        for wanted, files in (("mprage", 2), ("t2 TSE", 3), ("fs", 4)):
            assert len(choose_series(tmp_path / "a", wanted).files) == files
            one = choose_series(tmp_path / "a", wanted).files[0]
            assert read_volume(one).grid == (4, 5, files)
            assert label_suffix(one) == ".nii.gz"
        with pytest.raises(InputError, match="holds 2 series: T2 tse"):
            choose_series(tmp_path / "a", "T2")
        with pytest.raises(InputError, match="holds no series 'flair', but T1 mprage"):
            choose_series(tmp_path / "a", "flair")
