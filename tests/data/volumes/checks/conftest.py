"""A sound dataset for every test of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.volumes.checks.broken import Made


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "data")
