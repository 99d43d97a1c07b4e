"""Rules on whole files: kept points are as they were, whatever the pieces and tiles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.predict.scans.runs import run
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.predict.scans.codes import ClassCodes, CodeRules
from volseg.predict.scans.model import ScanModel


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("suffix", [".laz", ".ply"])
def test_rules_change_what_they_name_alone(
    run_model: ScanModel, wide: PointCloud, tmp_path: Path, suffix: str
) -> None:
    source = tmp_path / f"a{suffix}"
    had = np.array([0, 1, 2, 5, 6, 9, 10])[np.arange(len(wide)) % 7]
    write(source, replace(wide, labels=had, crs=None))
    (plain,) = run(run_model, tmp_path / "plain", source)
    first, *others = run_model.labels.names
    rules = CodeRules(keep=(6, 9), only=(first,), codes=(ClassCodes(first, (20, 21), (1.0,)),))
    (ruled,) = run(run_model, tmp_path / "ruled", source, rules=rules, confidence=True)
    assert plain.error is ruled.error is None
    before, after = read(plain.target).labels, read(ruled.target)
    is_first = (before == run_model.labels.classes[0].ids[0]) & ~np.isin(had, (6, 9))
    labels = after.labels
    assert labels is not None
    assert is_first.any()
    assert others
    np.testing.assert_array_equal(labels[~is_first], had[~is_first])
    assert np.isin(labels[is_first], (20, 21)).all()
    assert ruled.kept == (~is_first).sum()
    assert ruled.classes.total() == len(wide)
    assert (after.attributes["confidence"][~is_first] == 0).all()
