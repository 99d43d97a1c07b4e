"""Configs of both kinds that are right, and what is said of one that is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from volseg.config import load_config
from volseg.errors import ConfigError

GOOD: dict[str, Any] = {
    "labels": {"classes": {"road": {"ids": [1]}, "car": {"ids": [2, 3]}}, "ignore": [0]},
    "voxels": {"size": 0.2},
}

IMAGES: dict[str, Any] = {
    "labels": {"classes": {"air": {"ids": [0]}, "bone": {"ids": [1]}}},
    "images": {"channels": [{"name": "CT"}], "spacing": [1, 1, 3], "patch": [32, 32, 16]},
}
CT = "images.channels=[{name: CT, normalize: ct, clip: [-100, 300], mean: 40, std: 90}]"


def written(folder: Path, values: Any) -> Path:
    path = folder / "my.yaml"
    path.write_text(values if isinstance(values, str) else yaml.safe_dump(values, sort_keys=False))
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return written(tmp_path, GOOD)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return written(tmp_path, IMAGES)


def complaint(path: Path | str, *changes: str) -> str:
    with pytest.raises(ConfigError) as error:
        load_config(path, changes)
    assert "\n" not in str(error.value)
    return str(error.value)
