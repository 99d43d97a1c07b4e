"""The demo: which acts there are, and acts that train or do not, segment and score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.builders.models import load_model_spec
from volseg.builders.run import Silent
from volseg.config import load_config
from volseg.demo import Act, Lesson, learn, play, scan_path, scenes, set_scan, set_street
from volseg.geometry import LabelMap
from volseg.io import read


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streets of a thousand points."""
    from volseg.data import street

    whole = street.generate_street

    def generate(seed: int) -> Any:
        return whole(seed, length=10.0, points=1000)

    monkeypatch.setattr(street, "generate_street", generate)


def check_play(act: Act, labels: LabelMap) -> None:
    """An act writes the labelled scan, the classes alone changed, and its scores."""
    before = act.test.read_bytes()
    result = play(act, "cpu")
    truth, found = read(act.test), read(act.labelled)
    np.testing.assert_array_equal(found.xyz, truth.xyz)
    assert found.labels is not None
    assert truth.labels is not None
    assert result.names == labels.names
    counted = labels.encode(truth.labels) >= 0
    assert result.confusion.counts.sum() == counted.sum()
    right = (labels.encode(truth.labels) == labels.encode(found.labels)) & counted
    assert result.confusion.matrix.trace() == right.sum()
    assert act.test.read_bytes() == before


def test_a_model_that_is_there_is_not_trained(aerial: Path, tmp_path: Path) -> None:
    act = set_scan(tmp_path, aerial)
    assert act.lesson is None
    assert act.test == scan_path()
    check_play(act, load_model_spec(aerial).labels.label_map())


def test_a_street_is_learnt_first(short: None, tmp_path: Path) -> None:
    act = set_street(tmp_path)
    assert act.lesson is not None
    stopped = learn(act, act.lesson, watcher=Silent(), minutes=0.01, device="cpu")
    assert not stopped
    check_play(act, load_config(act.lesson.preset).labels.label_map())


def test_the_streets_differ_and_repeat(short: None, tmp_path: Path) -> None:
    one, again = set_street(tmp_path / "a"), set_street(tmp_path / "b")
    assert isinstance(one.lesson, Lesson)
    assert isinstance(again.lesson, Lesson)
    assert one.lesson.scan.read_bytes() == again.lesson.scan.read_bytes()
    assert one.lesson.scan.read_bytes() != one.test.read_bytes()
    assert one.lesson.scan.parent != one.test.parent
    known = load_config(one.lesson.preset).labels.label_map()
    labels = read(one.test).labels
    assert labels is not None
    known.encode(labels)  # every class of a street is in the preset's map


def test_the_bundled_model_comes_first_where_there_is_one(
    bundled_folder: Path, aerial: Path, short: None, tmp_path: Path
) -> None:
    assert [act.folder.name for act in scenes(tmp_path / "without")] == ["street"]
    aerial.rename(bundled_folder / "aerial.safetensors")
    first, second = scenes(tmp_path / "with")
    assert first.model == bundled_folder / "aerial.safetensors"
    assert first.lesson is None
    assert second.lesson is not None
