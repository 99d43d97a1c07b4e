"""Prepared cases for the tests of patches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.data.volumes.cache import CachedCase, save_case


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
