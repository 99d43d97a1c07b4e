"""Which files make one image."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from volseg.data.volumes.datasets.images import group_images


def grouped(channels: int, *names: str) -> dict[str, list[str]]:
    cases, errors = group_images([Path(name) for name in names], channels)
    assert errors == []
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
    cases, _ = group_images([Path("a/x_0000.nii"), Path("b/x_0000.nii")], 1)
    assert [one.images for one in cases] == [(Path("a/x_0000.nii"),), (Path("b/x_0000.nii"),)]


@pytest.mark.parametrize("numbers", [(0, 2), (0, 1, 2), (0, 1, 2, 3, 4)])
def test_a_channel_too_many_or_too_few_costs_its_case(numbers: tuple[int, ...]) -> None:
    sound = [Path(f"a_{number:04d}.nii") for number in range(4)]
    files = [*sound, *(Path(f"x_{number:04d}.nii") for number in numbers)]
    (case,), (error,) = group_images(files, 4)
    assert case.images == tuple(sound)
    assert re.search(r"its channels are _.*; the model wants _0000 to _0003", error.message)
    assert error.path == files[4]


def test_a_second_sequence_is_no_case_of_a_model_of_one() -> None:
    names = ("x_0000.nrrd", "x_0001.nrrd", "y_0000.nrrd", "z.nrrd")
    cases, (error,) = group_images([Path(name) for name in names], 1)
    assert [case.name for case in cases] == ["y", "z"]
    assert "its channels are _0000, _0001; the model wants _0000 alone" in error.message
    assert "rename" in error.message


def test_a_long_series_is_of_images_by_themselves() -> None:
    names = [f"frame_{number:04d}.png" for number in range(30)]
    assert len(grouped(1, *names)) == 30
    assert list(grouped(1, *names[1:4])) == ["frame_0001", "frame_0002", "frame_0003"]


def test_a_cameras_numbers_are_no_channels() -> None:
    assert list(grouped(3, "DSC_0418.jpg", "DSC_0419.jpg")) == ["DSC_0418", "DSC_0419"]
