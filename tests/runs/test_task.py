"""A batch is shared evenly by processes, or one line says what would be."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.config import load_config
from volseg.errors import ConfigError
from volseg.runs.task import share_batch


@pytest.fixture
def without_batch(tmp_path: Path) -> Path:
    path = tmp_path / "my.yaml"
    path.write_text("labels: {classes: {a: {ids: 1}}}\nvoxels: {size: 1}\n")
    return path


@pytest.mark.parametrize(("many", "batch"), [(1, 2), (2, 2), (3, 3), (5, 5)])
def test_a_batch_that_nobody_gave_grows_to_what_all_share(
    without_batch: Path, many: int, batch: int
) -> None:
    shared = share_batch(load_config(without_batch).train, many)
    assert shared.batch == batch
    assert share_batch(shared, many) == shared


def test_a_batch_that_is_given_stays_and_must_be_shared_evenly(without_batch: Path) -> None:
    spec = load_config(without_batch, ["train.batch=4"]).train
    assert share_batch(spec, 2) is spec
    with pytest.raises(ConfigError, match=r"train\.batch is 4, and 3 processes.*train\.batch=6"):
        share_batch(spec, 3)
