"""Presets of scans: each trains a step on files that lie and look as its dataset's do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from volseg.config import ScanConfig, load_config, presets
from volseg.config.common import REST
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.io.scans.semantic3d import label_path
from volseg.models.load import load_scan_model
from volseg.runs.scans.splits import load_split
from volseg.runs.train import train

# An id of no preset's.
ELSEWHERE = 199
# Files of every dataset, and which of them validate.
LAYOUTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "aerial": (("ign/a.laz", "ign/b.las", "ahn3/c.laz"), ("ign/a.laz",)),
    "airborne": (
        tuple(f"00{i}_plain_linear.laz" for i in range(3)),
        ("001_plain_linear.laz",),
    ),
    "ahn": (("C_25GN1.laz", "C_37EN2.LAZ"), ("C_37EN2.LAZ",)),
    "ign_lidarhd": (("LHD_1.laz", "LHD_2.laz", "old/x.las"), ("LHD_2.laz",)),
    "oakland": (("oakland_part2_ac.laz", "oakland_part3_ak.laz"), ("oakland_part3_ak.laz",)),
    "semantic3d": (
        ("bildstein_station3_xyz_intensity_rgb.txt", "sg27_station1_intensity_rgb.txt"),
        ("bildstein_station3_xyz_intensity_rgb.txt",),
    ),
    "semantickitti": (
        ("sequences/00/velodyne/000000.bin", "sequences/08/velodyne/000000.bin"),
        ("sequences/08/velodyne/000000.bin",),
    ),
    "street": (("000_mobile.laz", "001_pushbroom.laz"), ()),
    "toronto3d": (("L001.ply", "L002.ply", "L003.ply"), ("L002.ply",)),
    "trees": (tuple(f"{i}.laz" for i in range(5)), ("2.laz",)),
    "tum_city_campus": (("a/1.ply", "a/2.ply"), ("a/2.ply",)),
}


def preset(name: str) -> ScanConfig:
    loaded = load_config(f"lidar/{name}", ["train.epochs=1", "train.steps=1", "train.batch=1"])
    assert isinstance(loaded, ScanConfig)
    return loaded


def raw_ids(config: ScanConfig) -> list[int]:
    """Every id the preset explains in any file, and one more where it has room for the rest."""
    ignored = [ELSEWHERE if one == REST else int(one) for one in config.labels.ignore]
    return [*ignored, *(int(i) for one in config.labels.classes.values() for i in one.ids)]


def cloud(config: ScanConfig, boxes: Callable[..., PointCloud], seed: int) -> PointCloud:
    """A made scan whose labels take every raw id, with what any feature asks for."""
    random = np.random.default_rng(seed)
    made = boxes(seed, 800)
    ids = raw_ids(config)
    known = np.concatenate((ids, random.choice(ids, len(made) - len(ids))))
    attributes = {
        "intensity": random.integers(0, 900, len(made)).astype(np.uint16),
        "return_number": np.ones(len(made), dtype=np.uint8),
        "number_of_returns": random.integers(1, 4, len(made)).astype(np.uint8),
        "colour": random.integers(0, 256, (len(made), 3)).astype(np.uint16),
    }
    xyz = made.xyz - (500_000, 5_000_000, 100)
    labels = random.permutation(known)
    meaning = config.labels.label_map()
    things = [i for k in meaning.things for i in meaning.classes[k].ids]
    numbered = np.where(np.isin(labels, things), 1 + np.arange(len(made)) // 100, 0)
    instances = numbered if things else None
    return PointCloud(xyz, attributes, labels, instances=instances)


def lay_out(name: str, folder: Path, boxes: Callable[..., PointCloud]) -> None:
    config = preset(name)
    for number, file in enumerate(LAYOUTS[name][0]):
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        made = cloud(config, boxes, number)
        if name == "semantic3d":
            table = np.column_stack(
                (made.xyz, made.attributes["intensity"], made.attributes["colour"])
            )
            np.savetxt(path, table, fmt="%.3f %.3f %.3f %d %d %d %d")
            assert made.labels is not None
            np.savetxt(label_path(path), made.labels, fmt="%d")
        elif name == "semantickitti":
            bare = {"intensity": made.attributes["intensity"]}
            write(path, PointCloud(made.xyz, bare, made.labels))
        else:
            write(path, made)
        if name == "toronto3d":
            path.write_bytes(path.read_bytes().replace(b" label\n", b" scalar_Label\n", 1))


def test_every_preset_of_scans_has_its_layout() -> None:
    assert LAYOUTS.keys() == {one.stem for one in (presets() / "lidar").glob("*.yaml")}


@pytest.mark.parametrize("name", LAYOUTS)
def test_trains_a_step_and_segments(
    name: str, tmp_path: Path, boxes: Callable[..., PointCloud]
) -> None:
    lay_out(name, tmp_path, boxes)
    config, (files, kept) = preset(name), LAYOUTS[name]
    learnt, held = load_split(config, tmp_path, tmp_path / "volseg-cache")
    assert {one.name for one in held} == set(kept)
    assert {one.name for one in learnt} == set(files) - set(kept)
    counts = sum(one.columns.counts for one in learnt)
    assert (counts[: len(config.labels.classes)] > 0).all()
    train(config, tmp_path, tmp_path / "run", device="cpu")
    scan = read(tmp_path / files[0])
    labels = load_scan_model(tmp_path / "run", "cpu")(scan).labels
    assert labels is not None
    assert set(labels[scan.counted].tolist()) <= {
        one.ids[0] for one in config.labels.classes.values()
    }


def test_vegetation_is_open_in_files_of_ahn_alone(
    tmp_path: Path, boxes: Callable[..., PointCloud]
) -> None:
    lay_out("aerial", tmp_path, boxes)
    learnt, _ = load_split(preset("aerial"), tmp_path, tmp_path / "cache")
    for one in learnt:
        assert (one.columns.counts[4] > 0) == one.name.startswith("ahn")


def test_semantickitti_merges_moving_and_static_objects() -> None:
    labels = preset("semantickitti").labels.label_map()
    assert len(labels) == 19
    moving = {252: 10, 253: 31, 254: 30, 255: 32, 256: 16, 257: 13, 258: 18, 259: 20}
    pairs = labels.encode(np.array([*moving.items()]))
    np.testing.assert_array_equal(pairs[:, 0], pairs[:, 1])
    assert (pairs >= 0).all()
