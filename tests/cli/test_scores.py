"""Tables of scores: a dash where there is none, and what no mean includes is named."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.metrics import Confusion
from volseg_cli.scores import print_scores


def counted(truth: list[int], predicted: list[int]) -> Confusion:
    confusion = Confusion(4)
    confusion.update(np.array(truth), np.array(predicted))
    return confusion


def test_a_class_that_is_predicted_only_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    print_scores(("road", "car", "tree", "sign"), counted([0, 0, 1], [0, 2, 1]).scores())
    captured = capsys.readouterr()
    rows = {line.split()[0]: line for line in captured.out.splitlines()}
    assert rows["road"].split() == ["road", "0.500", "0.667", "1.000", "0.500", "2"]
    assert rows["tree"].startswith("tree (not in truth)")
    assert rows["sign"].split()[1:] == ["-", "-", "-", "-", "0"]
    assert rows["mean"].startswith("mean IoU 0.750   overall accuracy 0.667")
    assert "the mean leaves out what the truth does not have: tree" in captured.err
    assert "sign" not in captured.err
