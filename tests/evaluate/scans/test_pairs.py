"""Predicted scans find their truth by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg.evaluate.scans.pairs import ScanPairs, pair_scans


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def matched(root: Path, guesses: list[str], truths: list[str]) -> dict[str, str]:
    predicted, truth = touched(root / "p", *guesses), touched(root / "t", *truths)
    found = pair_scans(predicted, truth)
    if found.failed:
        raise found.failed[0]
    return {one.name: other.name for one, other in found.pairs}


@pytest.mark.parametrize(
    ("guesses", "truths", "wanted"),
    [
        (["a.laz", "b.laz"], ["b.laz", "a.laz"], {"a.laz": "a.laz", "b.laz": "b.laz"}),
        (["a.las"], ["a.laz"], {"a.las": "a.laz"}),
        (["a.laz"], ["a.copc.laz"], {"a.laz": "a.copc.laz"}),
        (["a.laz"], ["a.laz", "a.xyz"], {"a.laz": "a.laz"}),
        (["0.label"], ["0.bin", "0.label"], {"0.label": "0.bin"}),
        (["0.label"], ["0.label"], {"0.label": "0.label"}),
        (["0.bin", "0.label"], ["0.bin", "0.label"], {"0.bin": "0.bin"}),
        (["a.xyz.gz"], ["a.ply"], {"a.xyz.gz": "a.ply"}),
        (["a.laz", "notes.md"], ["a.laz", "log.md"], {"a.laz": "a.laz"}),
    ],
)
def test_folders(
    tmp_path: Path, guesses: list[str], truths: list[str], wanted: dict[str, str]
) -> None:
    assert matched(tmp_path, guesses, truths) == wanted


def test_truths_without_prediction_are_told(tmp_path: Path) -> None:
    predicted = touched(tmp_path / "p", "a.laz")
    truth = touched(tmp_path / "t", "a.laz", "a.xyz", "b.laz", "c.laz")
    assert pair_scans(predicted, truth).alone == ("a.xyz", "b.laz", "c.laz")


def test_files_are_a_pair_whatever_their_names(tmp_path: Path) -> None:
    touched(tmp_path, "one.laz", "other.ply")
    pair = (tmp_path / "one.laz", tmp_path / "other.ply")
    assert pair_scans(*pair) == ScanPairs((pair,))


@pytest.mark.parametrize("swap", [True, False])
def test_a_file_finds_its_partner_in_a_folder(tmp_path: Path, swap: bool) -> None:
    folder = touched(tmp_path / "f", "a.laz", "b.laz")
    file = touched(tmp_path, "b.las") / "b.las"
    found = pair_scans(folder, file) if swap else pair_scans(file, folder)
    assert found.pairs == ((folder / "b.laz", file) if swap else (file, folder / "b.laz"),)


@pytest.mark.parametrize(
    ("guesses", "truths", "said"),
    [
        (["z.laz"], ["a.laz"], "z.laz: no truth"),
        (["a.las"], ["a.laz", "a.xyz"], "a.las: 2 truths"),
        (["a.laz", "a.ply"], ["a.laz"], "a.laz: 2 predictions"),
        (["notes.md"], ["a.laz"], "holds no scan"),
        (["a.laz"], ["notes.md"], "holds no scan"),
    ],
)
def test_doubt_is_refused(tmp_path: Path, guesses: list[str], truths: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        matched(tmp_path, guesses, truths)
