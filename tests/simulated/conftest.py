"""What the scenarios found, run once in a process of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 900


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Of every scenario its error, or None, and what its steps waited for."""
    for tool in ("g++", "ninja"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is missing, which builds the simulated device")
    build, folder = tmp_path_factory.mktemp("build"), tmp_path_factory.mktemp("scenarios")
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulated.scenarios", build, folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result
