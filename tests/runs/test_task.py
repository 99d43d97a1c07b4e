"""A batch is shared evenly by processes, or one line says what would be."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from volseg.config import load_config
from volseg.errors import ConfigError
from volseg.runs.task import shared_batch, split_batch


def processes(many: int) -> Any:
    return SimpleNamespace(num_processes=many)


@pytest.fixture
def without_batch(tmp_path: Path) -> Path:
    path = tmp_path / "my.yaml"
    path.write_text("labels: {classes: {a: {ids: 1}}}\nvoxels: {size: 1}\n")
    return path


@pytest.mark.parametrize(("many", "batch"), [(1, 2), (2, 2), (3, 3), (5, 5)])
def test_a_batch_that_nobody_gave_grows_to_what_all_share(
    without_batch: Path, many: int, batch: int
) -> None:
    shared = shared_batch(load_config(without_batch), many)
    assert shared.train.batch == batch
    assert split_batch(shared, processes(many)).train.batch * many == batch


def test_a_batch_that_is_given_stays_and_must_be_shared_evenly(without_batch: Path) -> None:
    config = load_config(without_batch, ["train.batch=4"])
    assert shared_batch(config, 3) == config
    assert split_batch(config, processes(2)).train.batch == 2
    with pytest.raises(ConfigError, match=r"train\.batch is 4, and 3 processes.*train\.batch=6"):
        split_batch(config, processes(3))
