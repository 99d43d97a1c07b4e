"""Tile by tile is in one piece, for networks of every kind and tiles of every size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from volseg.data.scans.features import Feature, parse_features
from volseg.data.scans.samples import collate, prepare, sample
from volseg.errors import InputError
from volseg.geometry import LabelMap, PointCloud
from volseg.geometry.labels import LabelClass
from volseg.io.atomic import read_json
from volseg.nn import EncoderDecoder, UNet
from volseg.nn.receptive import total_stride
from volseg.predict.scans import tiles
from volseg.predict.scans.local import votes_of
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.spool import Spool, load_spool, make_spool
from volseg.predict.scans.tiles import ScanTiles, TileCost, fingerprint, lattice_of

NETS: dict[str, Callable[[int], nn.Module]] = {
    "plain": lambda width: UNet(3, width, 5, (6, 8)),
    "residual": lambda width: UNet(3, width, 5, (4, 6, 8), block="residual"),
    "strides of 3": lambda width: UNet(3, width, 5, (4, 6), strides=3),
    "flat first": lambda width: UNet(3, width, 5, (4, 6), strides=((1, 2, 2),)),
    "max": lambda width: EncoderDecoder(3, width, 5, (4, 6)),
    "average": lambda width: EncoderDecoder(3, width, 5, (4, 6), unpool="average"),
}
FEATURES = parse_features("log_count", "offset", "height", "intensity")
CLASSES = LabelMap(tuple(LabelClass(f"c{one}", (one * 2,), "#000000") for one in range(5)))


def model_of(make: Callable[[int], nn.Module], features: Sequence[Feature] = FEATURES) -> ScanModel:
    """A random network whose running statistics are not those it is made with."""
    torch.manual_seed(0)
    net = make(len(features) + 2 * (Feature("offset") in features))
    for name, values in net.named_buffers():
        values.uniform_(0.5, 1.5) if "var" in name else values.uniform_(-0.3, 0.3)
    return ScanModel(net.eval(), CLASSES, 0.4, tuple(features), torch.device("cpu"))


def balanced(model: ScanModel, scan: PointCloud) -> ScanModel:
    """With every class as likely as another, so that a scan gets several."""
    one = sample(prepare(scan, model.features), model.voxel_size, model.features)
    with torch.no_grad():
        logits = model.net(collate([one], total_stride(model.net) or (1, 1, 1))).features
        model.net.head.weight.div_(logits.std(dim=0)[:, None])  # type: ignore[union-attr,operator]
        model.net.head.bias.copy_(-logits.mean(dim=0) / logits.std(dim=0))  # type: ignore[union-attr,operator]
    return model


@pytest.fixture(scope="module")
def scan(boxes: Callable[..., PointCloud]) -> PointCloud:
    """Wider than the halo of every network above, in the order of no tile."""
    cloud = boxes(3, 8_000)
    spread = (cloud.xyz - cloud.xyz.min(axis=0)) * (4, 4, 2) + cloud.xyz.min(axis=0)
    return PointCloud(spread, {"intensity": cloud.attributes["intensity"]})


def spooled(folder: Path, model: ScanModel, cloud: PointCloud, *, tta: bool = False) -> Spool:
    """A cloud spooled in three pieces."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [cloud.take(part) for part in np.array_split(np.arange(len(cloud)), 3)]
    lattice = lattice_of(model, tta=tta)
    return make_spool(folder, parts, lattice, model.features, lambda count: None)


def votes(
    model: ScanModel,
    spool: Spool,
    memory: float,
    around: Sequence[Spool] = (),
    *,
    tta: bool = False,
) -> np.ndarray:
    work = ScanTiles(
        model, spool, around, tta=tta, settings={"memory": memory}, free=10**10, memory=int(memory)
    )
    for number in list(work.todo):
        work.keep(number, votes_of(model, work.input(number)))
    return spool.votes(slice(0, len(spool)))


def tiles_of(spool: Spool) -> int:
    """How many tiles the last votes were taken in."""
    plan = read_json(spool.folder / tiles.PLAN)
    assert plan is not None
    return len(plan["tiles"])


@pytest.mark.parametrize("name", NETS)
def test_the_size_of_tiles_changes_nothing(tmp_path: Path, scan: PointCloud, name: str) -> None:
    model = balanced(model_of(NETS[name]), scan)
    spool = spooled(tmp_path, model, scan)
    whole = float(TileCost.of(model)(spool.runs).sum())
    classes, confidence = model.segment(scan)
    assert len(np.unique(classes)) > 2
    counts = set()
    for memory in (whole, whole * 0.7, whole / 3):
        found = votes(model, spool, memory)
        counts.add(tiles_of(spool))
        np.testing.assert_array_equal(found["label"], classes)
        np.testing.assert_allclose(found["confidence"], confidence, rtol=1e-4)
    assert min(counts) == 1
    assert len(counts) > 2


def test_turned_views_see_no_tiles_either(tmp_path: Path, scan: PointCloud) -> None:
    model = balanced(model_of(NETS["plain"]), scan)
    spool = spooled(tmp_path, model, scan, tta=True)
    found = votes(model, spool, float(TileCost.of(model)(spool.runs).sum()) / 2, tta=True)
    assert tiles_of(spool) > 1
    np.testing.assert_array_equal(found["label"], model.segment(scan, tta=True)[0])


def test_a_halo_too_narrow_would_show(
    tmp_path: Path, scan: PointCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail: without a halo seams are seen."""
    model = model_of(NETS["residual"])
    spool = spooled(tmp_path, model, scan)
    monkeypatch.setattr(tiles, "RING", 0)
    found = votes(model, spool, 1)
    assert (found["label"] != model.segment(scan)[0]).mean() > 0.01


def test_a_scan_cut_in_two_is_segmented_as_one(tmp_path: Path, scan: PointCloud) -> None:
    model = model_of(NETS["residual"], parse_features("log_count", "offset", "height"))
    left = scan.xyz[:, 0] < np.median(scan.xyz[:, 0]) + 0.123  # through the middle of voxels
    classes, _ = model.segment(scan)
    spools = [spooled(tmp_path / str(s), model, scan.take(s)) for s in (left, ~left)]
    for one, other, own in zip(spools, spools[::-1], (left, ~left), strict=True):
        for memory in (1e12, 2e6):
            found = votes(model, one, memory, [other])
            np.testing.assert_array_equal(found["label"], classes[own])
    assert (votes(model, spools[0], 1e12)["label"] != classes[left]).any()


def test_instance_norm_takes_one_tile_or_says_why_not(
    tmp_path: Path, scan: PointCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(lambda width: UNet(3, width, 5, (4, 6), norm="instance"))
    spool = spooled(tmp_path, model, scan)
    found = votes(model, spool, 1)
    np.testing.assert_array_equal(found["label"], model.segment(scan)[0])
    monkeypatch.setattr(tiles, "POINT_BYTES", 10**12)
    with pytest.raises(InputError, match=r"normalises over the whole scan.*GiB"):
        votes(model, spool, 2)


def test_done_tiles_are_not_done_again(
    tmp_path: Path, scan: PointCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(NETS["plain"])
    spool = spooled(tmp_path, model, scan)
    memory = float(TileCost.of(model)(spool.runs).sum()) / 3
    calls = 0
    vote = ScanModel.vote

    def dying(self: ScanModel, *args: object, **flags: bool) -> object:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return vote(self, *args, **flags)  # type: ignore[arg-type]

    monkeypatch.setattr(ScanModel, "vote", dying)
    with pytest.raises(KeyboardInterrupt):
        votes(model, spool, memory)
    again = load_spool(tmp_path)
    assert again is not None
    found = votes(model, again, memory)
    many = tiles_of(again)
    assert many > 3
    assert calls == many + 1  # the one that died was begun twice
    monkeypatch.undo()
    np.testing.assert_array_equal(found["label"], model.segment(scan)[0])
    np.testing.assert_array_equal(
        found, votes(model, spooled(tmp_path / "new", model, scan), memory)
    )


def test_a_fingerprint_knows_weights_and_settings() -> None:
    one, same, other = (model_of(NETS["plain"]) for _ in range(3))
    with torch.no_grad():
        next(other.net.parameters()).flatten()[0] += 1e-6
    longer = model_of(NETS["plain"], parse_features("log_count", "offset", "intensity", "height"))
    prints = [fingerprint(each) for each in (one, same, other, longer)]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3
