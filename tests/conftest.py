"""Fixtures every test shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data (``VOLSEG_DATA``, else ``../shared/data``), or skip."""
    folder = Path(
        os.environ.get("VOLSEG_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")
    )
    if not folder.is_dir():
        pytest.skip(f"real data not found at {folder}; set VOLSEG_DATA to its folder")
    return folder.resolve()
