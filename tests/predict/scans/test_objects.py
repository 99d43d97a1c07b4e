"""Objects of scans: the same ids for tiles of any size, and what is written."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import torch
from torch import nn

from tests.predict.scans.runs import Watch
from tests.predict.scans.runs import run as watched
from volseg.data.objects import ObjectHead
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.labels import LabelMap
from volseg.io import read, write
from volseg.io.scans import pieces
from volseg.models.load import load_scan_model
from volseg.nn.layers import Linear
from volseg.predict.scans import objects
from volseg.predict.scans.job import ScanJob, ScanOptions
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.run import segment_scans

OBJECTS = ScanOptions(objects=True)


@pytest.fixture(scope="module", params=["components", "centre"])
def model(run_folder: Path, request: pytest.FixtureRequest) -> ScanModel:
    """A model all of whose classes are things: there are many objects, however it errs."""
    trained = load_scan_model(run_folder, "cpu")
    of = {"radius": 0.4, "min_points": 5} if request.param == "components" else {"scale": 1.5}
    classes = [
        replace(entry, thing=True, grouping=request.param, **of) for entry in trained.labels.classes
    ]
    labels = LabelMap(tuple(classes), trained.labels.ignore)
    net = trained.net if request.param == "components" else voting(trained.net, labels)
    return replace(trained, labels=labels, net=net)


def voting(net: nn.Module, labels: LabelMap) -> nn.Module:
    """A network that knows the same classes, and points anywhere."""
    head, net = ObjectHead.of(labels, 3), deepcopy(net)
    known = net.head
    assert head is not None
    assert isinstance(known, Linear)
    torch.manual_seed(0)
    net.head = Linear(known.weight.shape[1], head.channels)
    with torch.no_grad():
        net.head.weight[: len(labels)] = known.weight
        net.head.bias[: len(labels)] = known.bias  # type: ignore[index]
    return net.eval()


@pytest.fixture
def wide(boxes: Callable[..., PointCloud]) -> PointCloud:
    cloud = boxes(2, 6000)
    corner = cloud.xyz.min(axis=0)
    crs = str(pyproj.CRS.from_epsg(2154).to_wkt())
    return replace(cloud, xyz=np.round((cloud.xyz - corner) * (5, 2, 1) + corner, 3), crs=crs)


def run(model: ScanModel, source: Path, out: Path, **settings: Any) -> list[Path]:
    out.mkdir()
    job = ScanJob(source, out / source.name)
    (job,) = segment_scans(model, [job], OBJECTS, **settings)
    assert job.error is None
    return job.written


def test_ids_and_tables_are_the_same_for_ten_tilings(
    model: ScanModel, wide: PointCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "a.laz"
    write(source, wide)
    ids = model(read(source), objects=True).instances
    assert ids is not None
    assert ids.max() > 10
    tables = set()
    for number, memory in enumerate(np.geomspace(1.5e6, 4e7, 10)):
        monkeypatch.setattr(pieces, "PIECE", 700 + 900 * number)
        monkeypatch.setattr(objects, "CHUNK", 400 * (number + 1))
        scan, table, _ = run(model, source, tmp_path / str(number), memory=int(memory))
        assert np.array_equal(read(scan).instances, ids)
        tables.add(table.read_bytes())
    # Tables in thousandths: of the last bits of probabilities nothing is left.
    assert len(tables) == 1


@pytest.mark.parametrize("suffix", [".las", ".ply", ".npz"])
def test_a_row_an_object(model: ScanModel, wide: PointCloud, tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"a{suffix}"
    write(source, wide)
    scan, table, *geojson = run(model, source, tmp_path / "out")
    cloud, rows = read(scan), list(csv.DictReader(table.read_text().splitlines()))
    assert table.name == "a.objects.csv"
    assert cloud.instances is not None
    assert [int(row["id"]) for row in rows] == list(range(1, int(cloud.instances.max()) + 1))
    for row in rows:
        own = cloud.take(cloud.instances == int(row["id"]))
        assert own.labels is not None
        assert int(row["points"]) == len(own)
        assert {*own.labels.tolist()} == {int(row["class_id"])}
        assert float(row["x"]) == pytest.approx(own.xyz[:, 0].mean(), abs=2e-3)
        assert float(row["height_m"]) == pytest.approx(np.ptp(own.xyz[:, 2]), abs=0.01)
        assert 0 < float(row["confidence"]) <= 1
    assert [path.name for path in geojson] == ["a.objects.geojson"] * (read(source).crs is not None)
    for path in geojson:
        assert len(json.loads(path.read_text())["features"]) == len(rows)


def test_tables_are_not_replaced_unasked(
    model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    source = tmp_path / "a.las"
    write(source, wide)
    table = tmp_path / "out" / "a.objects.csv"
    table.parent.mkdir()
    table.write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        segment_scans(model, [ScanJob(source, table.with_name("a.las"))], OBJECTS)
    assert table.read_text() == "mine"


def test_a_model_without_things_is_refused_before_any_work(
    run_folder: Path, wide: PointCloud, tmp_path: Path
) -> None:
    stuff = load_scan_model(run_folder, "cpu")
    with pytest.raises(InputError, match="knows no things"):
        stuff(wide, objects=True)
    with pytest.raises(InputError, match="knows no things"):
        segment_scans(stuff, [ScanJob(tmp_path / "a.las", tmp_path / "b.las")], OBJECTS)


@pytest.mark.parametrize("where", ["segmenting", "grouping", "writing"])
def test_a_broken_run_goes_on_to_the_same_files(
    model: ScanModel, wide: PointCloud, tmp_path: Path, where: str
) -> None:
    source = tmp_path / "a.laz"
    write(source, wide)
    out, watch = tmp_path / "out", Watch(lambda verb, done: verb == where and done > 2000)
    with pytest.raises(KeyboardInterrupt):
        watched(model, out, source, watch=watch, objects=True)
    assert not list(out.glob("a*"))
    (again,) = watched(model, out, source, objects=True)
    (fresh,) = watched(model, tmp_path / "fresh", source, objects=True)
    assert again.objects == fresh.objects > 10
    for one, two in zip(again.written, fresh.written, strict=True):
        assert one.read_bytes() == two.read_bytes()
