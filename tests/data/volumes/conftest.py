"""Cases on disk, as they are read and as they are prepared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.data.volumes.written import AFFINE, GRID, store
from volseg.data.volumes.datasets.cases import Case
from volseg.data.volumes.store import CachedCase, save_case


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., CachedCase]:
    """Writes a case of an image (X, Y, Z) or (C, X, Y, Z) and its labels."""
    made: list[CachedCase] = []

    def make(image: NDArray[Any], labels: NDArray[Any], classes: int = 3) -> CachedCase:
        name = f"case{len(made)}"
        values = np.asarray(image, np.float32).reshape(-1, *image.shape[-3:])
        made.append(save_case(name, tmp_path / name, values, labels.astype(np.int8), classes))
        return made[-1]

    return make


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Case]:
    """Writes a case with random values and ids."""

    def case(name: str = "a", ids: Any = (0, 5, 6, 200, 9), affine: Any = AFFINE) -> Case:
        random = np.random.default_rng(len(name))
        image = (1000 + 50 * random.normal(size=GRID)).astype(np.float32)
        truth = random.choice(ids, GRID).astype(np.int16)
        files = tmp_path / f"{name}.nii.gz", tmp_path / f"{name}_truth.nii.gz"
        return Case(name, (store(files[0], image),), store(files[1], truth, affine))

    return case


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "cache"
    path.mkdir()
    return path
