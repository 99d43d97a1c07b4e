"""Made-up abdomens: repeatable, all different, with every organ in its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from volseg.demo import phantom
from volseg.demo.phantom import ORGANS, make_abdomen, write_abdomens
from volseg.io import read_label_volume, read_volume

GRID = (84, 60, 30)


def test_a_seed_gives_one_abdomen() -> None:
    image, labels = make_abdomen(3, GRID)
    again, other = make_abdomen(3, GRID), make_abdomen(4, GRID)
    np.testing.assert_array_equal(image, again[0])
    np.testing.assert_array_equal(labels, again[1])
    assert (labels != other[1]).any()


def test_organs_lie_where_they_do() -> None:
    for seed in range(3):
        image, labels = make_abdomen(seed, GRID)
        assert image.shape == labels.shape == GRID
        assert set(np.unique(labels)) == set(range(len(ORGANS) + 1))
        middles = {
            name: np.argwhere(labels == number).mean(axis=0)
            for number, name in enumerate(ORGANS, 1)
        }
        assert middles["liver"][0] > middles["spleen"][0]  # it is on the right
        assert middles["spine"][1] < middles["aorta"][1] < middles["liver"][1]


def test_brightness_alone_does_not_tell_organs() -> None:
    image, labels = make_abdomen(0, GRID)
    spleen, liver, others = (image[labels == number] for number in (5, 4, 0))
    low, high = np.percentile(spleen, (10, 90))
    assert ((liver > low) & (liver < high)).mean() > 0.3
    assert ((others > low) & (others < high)).sum() > len(spleen) / 3


def test_they_are_written_as_a_dataset(tmp_path: Path) -> None:
    write_abdomens(tmp_path / "new", [5])
    image = read_volume(tmp_path / "new" / "images" / "abdomen_05.nii.gz")
    labels = read_label_volume(tmp_path / "new" / "labels" / "abdomen_05.nii.gz")
    assert image.grid == labels.grid == phantom.GRID
    assert image.spacing.tolist() == [phantom.SPACING] * 3
    np.testing.assert_array_equal(labels.array[0], make_abdomen(5, phantom.GRID)[1])
