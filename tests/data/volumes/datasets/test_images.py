"""Which files make one image."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.data.volumes.datasets.images import group_images
from volseg.errors import InputError


def grouped(channels: int, *names: str) -> dict[str, list[str]]:
    cases = group_images([Path(name) for name in names], channels)
    return {case.name: [str(one) for one in case.images] for case in cases}


def test_with_one_channel_every_file_is_an_image() -> None:
    assert grouped(1, "b/x_0000.nii.gz", "a/y.png", "z_0001.nii") == {
        "x": ["b/x_0000.nii.gz"],
        "y": ["a/y.png"],
        "z_0001": ["z_0001.nii"],
    }


def test_channels_come_in_their_order_whatever_that_of_the_files() -> None:
    assert grouped(2, "x_0001.nii", "whole.nii", "x_0000.nii") == {
        "x": ["x_0000.nii", "x_0001.nii"],
        "whole": ["whole.nii"],
    }


def test_one_file_may_hold_all_channels_and_a_number() -> None:
    assert grouped(3, "x_0000.png") == {"x": ["x_0000.png"]}


def test_same_names_in_two_folders_are_two_images() -> None:
    cases = group_images([Path("a/x_0000.nii"), Path("b/x_0000.nii")], 1)
    assert [one.images for one in cases] == [(Path("a/x_0000.nii"),), (Path("b/x_0000.nii"),)]


@pytest.mark.parametrize("numbers", [(0, 2), (1, 2), (0, 1, 2), (0, 1, 2, 3, 4)])
def test_a_channel_too_many_or_too_few_is_refused(numbers: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"its channels are _.*; the model wants _0000 to _0003"):
        group_images([Path(f"x_{number:04d}.nii") for number in numbers], 4)
