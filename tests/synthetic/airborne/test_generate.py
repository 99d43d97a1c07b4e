"""Tiles: seeds, densities, classes, objects, and what the file holds."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import laspy
import numpy as np
import pytest

from volseg.config import load_config
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.synthetic.airborne.generate import generate_tile
from volseg.synthetic.airborne.kinds import FLOWN, RELIEFS, Flown, Relief

CODES = {2, 3, 4, 5, 6, 7, 9, 13, 14, 15, 17, 18, 64, 68}


def small(seed: int, **options: object) -> PointCloud:
    return generate_tile(seed, **{"points": 20_000, **options})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def town() -> PointCloud:
    return generate_tile(4, terrain="plain", scanner="linear", density=8.0, size=100.0)


def test_the_same_seed_gives_the_same_bytes_and_another_other_ones() -> None:
    made, again, other = (small(seed, scanner="linear") for seed in (1, 1, 2))
    assert made.xyz.tobytes() == again.xyz.tobytes()
    assert made.labels.tobytes() == again.labels.tobytes()  # type: ignore[union-attr]
    for name, values in made.attributes.items():
        assert values.tobytes() == again.attributes[name].tobytes()
    assert np.abs(made.xyz[0] - other.xyz[0]).max() > 10


@pytest.mark.parametrize(("terrain", "scanner"), [*zip(RELIEFS, FLOWN * 2, strict=False)])
def test_any_terrain_and_scanner_make_a_tile(terrain: Relief, scanner: Flown) -> None:
    made = small(0, terrain=terrain, scanner=scanner)
    assert {*np.unique(made.labels)} <= CODES
    assert (made.labels == 2).mean() > 0.1
    assert np.isin(made.labels, (7, 18)).mean() < 0.05
    number, count = (made.attributes[f"{n}"] for n in ("return_number", "number_of_returns"))
    assert (number >= 1).all()
    assert (number <= count).all()
    assert (made.attributes["intensity"] > 0).all()
    assert len(made) > 5_000


@pytest.mark.parametrize(("density", "scanner"), [*product([0.5, 6.0, 120.0], ["linear", "dense"])])
def test_a_tile_is_as_dense_and_as_large_as_asked(density: float, scanner: Flown) -> None:
    made = small(3, terrain="hills", scanner=scanner, density=density)
    size = max(np.sqrt(20_000 / density), 20.0)
    assert np.ptp(made.xyz[:, :2], axis=0) == pytest.approx((size, size), rel=0.08)
    first = (made.attributes["return_number"] == 1).sum() / size**2
    assert first == pytest.approx(density, rel=0.25)


def test_objects_are_of_one_class_but_for_noise_and_of_one_place(town: PointCloud) -> None:
    ids, labels = town.instances, town.labels
    assert ids is not None
    assert labels is not None
    assert (ids[np.isin(labels, (2, 7, 9, 13, 14, 18))] == 0).all()
    assert (ids[np.isin(labels, (6, 68))] > 0).all()
    for number in np.unique(ids[ids > 0]):
        classes = np.unique(labels[ids == number])
        assert len(classes) == 1 or {*classes.tolist()} <= {3, 4, 5}
    for number in np.unique(ids[labels == 68]):
        assert np.ptp(town.xyz[ids == number], axis=0).max() < 26


def test_vegetation_is_told_apart_by_height(town: PointCloud) -> None:
    ground = town.labels == 2
    low = town.xyz[ground, 2].min()
    over = {code: town.xyz[town.labels == code, 2] - low for code in (3, 4, 5)}
    assert len(over[4])
    assert len(over[5])
    assert over[5].min() > 1.9
    for code, most in ((3, 0.5), (4, 2.0)):
        assert over[code].max(initial=0.0) < np.ptp(town.xyz[ground, 2]) + most + 0.2


def test_a_file_keeps_all_that_a_survey_has(town: PointCloud, tmp_path: Path) -> None:
    write(tmp_path / "tile.laz", town)
    header = laspy.open(tmp_path / "tile.laz").header
    assert header.point_format.id == 6
    assert header.parse_crs().to_epsg() == 25832
    back = read(tmp_path / "tile.laz")
    np.testing.assert_allclose(back.xyz, town.xyz, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(back.labels, town.labels)
    np.testing.assert_array_equal(back.instances, town.instances)
    for name, values in town.attributes.items():
        np.testing.assert_array_equal(back.attributes[name], values)
    assert header.point_format.dimension_by_name("instance").dtype == np.uint32


def test_the_preset_names_the_classes(town: PointCloud) -> None:
    names = load_config("lidar/airborne").labels.label_map()
    train = names.encode(np.array(sorted(CODES - {7, 18})))
    assert {*train.tolist()} == {*range(len(names.names))}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"seed": -1}, "seed is -1"),
        ({"points": 10}, "10 points"),
        ({"terrain": "moon"}, "terrain 'moon' is not known, wanted one of plain"),
        ({"scanner": "sonar"}, "scanner 'sonar' is not known"),
        ({"density": 0.0}, "density is 0 pulses"),
        ({"density": float("nan")}, "density is nan"),
        ({"size": 5000.0}, "size is 5000 m, wanted 20 to 1000"),
    ],
)
def test_arguments_out_of_range_are_named(options: dict[str, object], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        generate_tile(**{"seed": 0, **options})  # type: ignore[arg-type]
