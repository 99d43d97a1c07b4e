"""Folders of labels within a tree hold no images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.volumes import run, save


def test_labels_within_a_tree_are_no_images(cli: Callable[..., Any], tmp_path: Path) -> None:
    for name in ("a/ct", "a/segmentations/liver", "b/ct", "derivatives/x/c_dseg"):
        (tmp_path / f"data/{name}").parent.mkdir(parents=True, exist_ok=True)
        save(tmp_path / f"data/{name}.nii.gz")
    folds = run(tmp_path / "run", folds=1)
    outcome = cli("predict", folds, tmp_path / "data", "-o", tmp_path / "out")
    assert outcome.code == 0
    assert "2 volumes in folders of labels are left out" in outcome.err
    made = sorted(one.relative_to(tmp_path / "out") for one in (tmp_path / "out").rglob("*.nii.gz"))
    assert made == [Path("a/ct.nii.gz"), Path("b/ct.nii.gz")]
