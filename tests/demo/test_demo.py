"""The demo: two halves of one scan, and acts that train, segment and score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.config import load_config
from volseg.demo import Act, play, scan_path, set_scan, set_street
from volseg.io import read

POINTS = 25_408


@pytest.fixture(scope="module")
def act(tmp_path_factory: pytest.TempPathFactory) -> Act:
    return set_scan(tmp_path_factory.mktemp("demo"))


def test_the_halves_partition_the_scan_by_a_line(act: Act) -> None:
    whole, east, west = read(scan_path()), read(act.train), read(act.test)
    assert len(whole) == len(east) + len(west) == POINTS
    assert east.xyz[:, 0].min() > west.xyz[:, 0].max()
    both = np.concatenate((east.xyz, west.xyz))
    step = 0.002
    for one, other in ((whole.xyz, both), (whole.xyz[:, :1], both[:, :1])):
        assert np.abs(np.sort(one, axis=0) - np.sort(other, axis=0)).max() < step
    assert east.crs is not None
    assert east.metres_per_unit == whole.metres_per_unit != (1.0, 1.0, 1.0)


def test_both_halves_hold_every_class(act: Act) -> None:
    labels = load_config(act.preset).labels.label_map()
    for path in (act.train, act.test):
        raw = read(path).labels
        assert raw is not None
        assert set(labels.encode(raw)) >= set(range(len(labels)))


def test_play_writes_the_labelled_scan_and_its_scores(act: Act, silent: type) -> None:
    before = {path: path.read_bytes() for path in (act.train, act.test)}
    result = play(act, watcher=silent(), minutes=0.02, device="cpu")
    assert not result.interrupted
    truth, found = read(act.test), read(act.labelled)
    np.testing.assert_array_equal(found.xyz, truth.xyz)
    assert found.labels is not None
    assert truth.labels is not None
    labels = load_config(act.preset).labels.label_map()
    assert result.names == labels.names
    counted = labels.encode(truth.labels) >= 0
    assert result.confusion.counts.sum() == counted.sum()
    right = (labels.encode(truth.labels) == labels.encode(found.labels)) & counted
    assert result.confusion.matrix.trace() == right.sum()
    assert {path: path.read_bytes() for path in before} == before


def test_the_streets_differ_and_repeat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from volseg.data import street

    whole = street.generate_street

    def short(seed: int) -> Any:
        return whole(seed, length=10.0, points=1000)

    monkeypatch.setattr(street, "generate_street", short)
    one, again = set_street(tmp_path / "a"), set_street(tmp_path / "b")
    assert one.train.read_bytes() == again.train.read_bytes()
    assert one.train.read_bytes() != one.test.read_bytes()
    assert one.train.parent != one.test.parent
    known = load_config(one.preset).labels.label_map()
    labels = read(one.test).labels
    assert labels is not None
    known.encode(labels)  # every class of a street is in the preset's map
