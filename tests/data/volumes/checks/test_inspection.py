"""What one case holds, of any formats and pixels."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import tifffile
from PIL import Image

from tests.data.volumes.checks.broken import LPS, image_of, label_of
from volseg.data.volumes.cache import cached
from volseg.data.volumes.channel import Channel
from volseg.data.volumes.checks.check import check_dataset
from volseg.data.volumes.checks.repair import repair
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.io.volumes.files import read_volume
from volseg.plan.fingerprint import read_fingerprint


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
