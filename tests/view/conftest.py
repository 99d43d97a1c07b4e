"""Fixtures of the tests that draw."""

from __future__ import annotations

import pytest

from volseg.errors import DisplayError
from volseg.view.window.display import hidden_window


@pytest.fixture(scope="session")
def drawing() -> None:
    """Skips where this machine cannot draw at all, and says why."""
    try:
        with hidden_window(64, 64):
            pass
    except DisplayError as error:
        pytest.skip(f"this machine cannot draw: {error}")
