"""The fingerprint: what numpy says of the same files, whatever the number of threads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.heard import Heard
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.errors import InputError
from volseg.plan import fingerprint
from volseg.plan.fingerprint import Fingerprint, read_fingerprint

Make = Callable[..., Path]


def read(folder: Path, memory: int = 10**9) -> Fingerprint:
    return read_fingerprint(read_dataset(folder), memory=memory)


def voxels(folder: Path, part: str) -> list[np.ndarray]:
    files = sorted((folder / part).iterdir())
    return [np.asarray(nib.load(file).dataobj) for file in files]


def test_intensities_are_those_of_labelled_voxels(make: Make) -> None:
    folder = make((6, 7, 8), (9, 5, 4))
    images, labels = voxels(folder, "imagesTr"), voxels(folder, "labelsTr")
    values = np.concatenate([i[t > 0] for i, t in zip(images, labels, strict=True)])
    (found,) = read(folder).intensities
    assert found.mean == pytest.approx(values.mean(), rel=1e-5)
    assert found.std == pytest.approx(values.std(), rel=1e-5)
    assert (found.low, found.high) == pytest.approx(np.percentile(values, (0.5, 99.5)), rel=1e-5)


def test_a_case_weighs_as_much_as_another(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make((8, 8, 8), (16, 16, 16))
    monkeypatch.setattr(fingerprint, "SAMPLED", 50)
    one, two = voxels(folder, "imagesTr")
    random = [np.random.default_rng((fingerprint.SEED, number)) for number in range(2)]
    inside = [np.flatnonzero(label) for label in voxels(folder, "labelsTr")]
    drawn = [
        rng.choice(where, 50, replace=False) for rng, where in zip(random, inside, strict=True)
    ]
    values = np.concatenate((one.ravel()[drawn[0]], two.ravel()[drawn[1]]))
    assert read(folder).intensities[0].mean == pytest.approx(values.mean(), rel=1e-5)


def test_counts_and_shares(make: Make) -> None:
    folder = make((4, 4, 4), (2, 4, 6))
    facts = read(folder)
    assert facts.counts == {0: 64 - 8 + 48 - 6, 1: 14}
    assert facts.share([1]) == 14 / 112
    assert facts.share([0, 1]) == 1
    assert facts.share([7]) == 0


def test_zeros_are_zero_in_every_channel(make: Make) -> None:
    facts = read(make((10, 10, 10), zeros=0.4, channels=("T1", "T2")))
    assert facts.zeros == pytest.approx(0.4)
    assert len(facts.intensities) == 2


@pytest.mark.parametrize("memory", [1, 10**9])
def test_threads_change_nothing(make: Make, memory: int) -> None:
    folder = make(*[(6, 5, 4)] * 7, zeros=0.1)
    assert read(folder, memory) == read(folder)
    assert [one.name for one in read(folder, memory).frames] == [f"case{n}" for n in range(7)]


def test_every_case_is_told_of(make: Make) -> None:
    heard = Heard()
    dataset = read_dataset(make(*[(3, 3, 3)] * 6))
    read_fingerprint(dataset, memory=10**9, progress=heard)
    assert [done for _, done, _ in heard.works] == list(range(7))


def test_frames_run_right_anterior_superior(make: Make) -> None:
    # The file's axes run posterior, left, superior.
    affine = np.array([[0, -2, 0, 5], [-3.0, 0, 0, 6], [0, 0, 4, 7], [0, 0, 0, 1]])
    (frame,) = read(make((6, 7, 8), affine=affine)).frames
    assert frame.grid == (7, 6, 8)
    assert frame.spacing == pytest.approx((2, 3, 4))


class TestRefusals:
    def test_label_of_another_shape(self, make: Make) -> None:
        folder = make((4, 4, 4), (5, 5, 5))
        (folder / "labelsTr/case1.nii.gz").write_bytes(
            (folder / "labelsTr/case0.nii.gz").read_bytes()
        )
        with pytest.raises(InputError, match=r"case1.nii.gz: labels of shape \(4, 4, 4\)"):
            read(folder)

    def test_nan(self, make: Make) -> None:
        folder = make((4, 4, 4))
        image = np.full((4, 4, 4), np.nan, np.float32)
        path = folder / "imagesTr/case0_0000.nii.gz"
        nib.save(nib.Nifti1Image(image, np.eye(4)), path)
        with pytest.raises(InputError, match="NaN or infinite"):
            read(folder)

    def test_other_numbers_of_channels(self, tmp_path: Path) -> None:
        for part in ("images", "labels"):
            (tmp_path / part).mkdir()
        for name, channels in (("a", 2), ("b", 3)):
            image = np.zeros((4, 4, 4, channels), np.float32)
            nib.save(nib.Nifti1Image(image, np.eye(4)), tmp_path / f"images/{name}.nii.gz")
            label = np.zeros((4, 4, 4), np.uint8)
            nib.save(nib.Nifti1Image(label, np.eye(4)), tmp_path / f"labels/{name}.nii.gz")
        with pytest.raises(InputError, match=r"b.nii.gz: 3 channels, but 2 in case a"):
            read(tmp_path)
