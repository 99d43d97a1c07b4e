"""Pairs of small label volumes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from volseg.evaluate.volumes.pairs import VolumePair

GRID = (8, 10, 6)


@pytest.fixture
def make_pairs(tmp_path: Path) -> Callable[..., list[VolumePair]]:
    """Writes random truths, one oblique and to the left, and predictions that differ a little."""

    def make(ids: list[int], cases: int = 3) -> list[VolumePair]:
        random = np.random.default_rng(0)
        pairs = []
        for number in range(cases):
            affine = np.diag([-1.0, 1.0, 2.0, 1.0]) if number % 2 else np.eye(4)
            truth = random.choice(ids, GRID)
            guess = np.where(random.random(GRID) < 0.2, 1, truth)
            guess[guess == 9] = 0
            files = tmp_path / f"p{number}.nii.gz", tmp_path / f"t{number}.nii.gz"
            for path, array in zip(files, (guess, truth), strict=True):
                nib.save(nib.Nifti1Image(array.astype(np.uint8), affine), path)
            pairs.append(VolumePair(f"c{number}", *files))
        return pairs

    return make
