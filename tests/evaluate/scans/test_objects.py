"""Objects of scans against their truth."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.evaluate.scans import objects
from volseg.evaluate.scans.objects import compare_objects
from volseg.evaluate.scans.scores import read_pair
from volseg.geometry import LabelClass, LabelMap, PointCloud
from volseg.io import write

LABELS = LabelMap(
    (LabelClass("road", (1,), "#000000"), LabelClass("car", (2,), "#FFFFFF", thing=True)), (0,)
)
TRUTH = ([1, 1, 2, 2, 2, 2, 2, 0], [0, 0, 1, 1, 1, 2, 2, 0])


def scan(path: Path, labels: list[int], ids: list[int] | None) -> Path:
    xyz = np.arange(3.0 * len(labels)).reshape(-1, 3)
    instances = None if ids is None else np.array(ids, np.int64)
    write(path, PointCloud(xyz, labels=np.array(labels, np.int64), instances=instances))
    return path


@pytest.mark.parametrize("suffix", [".las", ".laz", ".ply", ".npz", ".bin", ".xyz"])
def test_every_format_that_holds_ids(tmp_path: Path, suffix: str) -> None:
    truth = scan(tmp_path / f"t{suffix}", *TRUTH)
    guess = scan(tmp_path / f"p{suffix}", [1, 1, 2, 2, 2, 2, 1, 2], [0, 0, 5, 5, 5, 6, 0, 6])
    if suffix == ".bin":
        truth, guess = truth.with_suffix(".label"), guess.with_suffix(".label")
    found = compare_objects([(guess, truth)], LABELS)
    assert found is not None
    scores = found.scores("t")
    # Object 6 has one of two points of car 2, and one whose truth is unknown.
    assert (scores.tp[1], scores.fp[1], scores.fn[1]) == (1, 1, 1)
    assert scores.pq.round(4).tolist() == [round(2 / 3, 4), 0.5]


def test_without_classes_every_id_is_one_and_those_with_objects_are_things(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.las", *TRUTH)
    found = compare_objects([(path, path)], None)
    assert found is not None
    assert found.labels.names == ("0", "1", "2")
    assert found.labels.things == (2,)
    assert found.scores().pq.tolist() == [1, 1, 1]


def test_few_scans_are_in_memory_where_nobody_names_the_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [scan(tmp_path / f"{number}.las", *TRUTH) for number in range(9)]
    kept: list[Any] = []

    def read(*pair: Any) -> Any:
        gc.collect()
        assert sum(cloud() is not None for cloud in kept) <= 2
        both = read_pair(*pair)
        kept.extend(weakref.ref(side.cloud) for side in both)
        return both

    monkeypatch.setattr(objects, "read_pair", read)
    found = compare_objects([(path, path) for path in paths], None)
    assert found is not None
    assert len(found.panoptic.cases) == 9
    assert found.scores().pq.tolist() == [1, 1, 1]


def test_centres_are_compared_in_plan(tmp_path: Path) -> None:
    truth = scan(tmp_path / "t.las", *TRUTH)
    guess = scan(tmp_path / "p.las", TRUTH[0], [0, 0, 1, 1, 0, 0, 2, 0])
    for distance, pairs in ((2.2, 2), (2.0, 0), (3.0, 2)):  # each is off by half a point
        found = compare_objects([(guess, truth)], LABELS, distance=distance)
        assert found is not None
        assert found.detection(1).tp == pairs


def test_a_file_without_ids_costs_its_pair_alone(tmp_path: Path) -> None:
    truth = scan(tmp_path / "t.las", *TRUTH)
    bare = scan(tmp_path / "p.las", TRUTH[0], None)
    failed: list[InputError] = []
    found = compare_objects([(bare, truth), (truth, truth)], LABELS, failed=failed.append)
    assert found is not None
    assert list(found.panoptic.cases) == ["t"]
    assert [str(error) for error in failed] == [
        f"{bare}: has no ids of objects; wanted one a point in a field 'instance', as "
        "'volseg predict --objects' writes"
    ]
    assert compare_objects([(bare, truth)], LABELS, failed=failed.append) is None
    with pytest.raises(InputError, match="has no ids of objects"):
        compare_objects([(bare, truth)], LABELS)
    with pytest.raises(InputError, match="no point of the truth has an object"):
        compare_objects([(truth, scan(tmp_path / "n.las", TRUTH[0], [0] * 8))], None)
