"""What a worker does with a tile: the votes of this process, of the model it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from volseg._version import __version__
from volseg.config import VolumeModelSpec, load_config
from volseg.data.scans.samples import prepare
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.models.load import load_scan_model, model_files, save_model
from volseg.models.nets import build_net
from volseg.models.worker import connect, segment_tile
from volseg.predict.scans.local import LocalSegmenter
from volseg.predict.scans.tile_input import TileInput

ADDRESS = "tcp://10.0.0.7:4000"


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """This process, as dask describes a worker of one thread."""
    distributed = pytest.importorskip("distributed")
    threads = torch.get_num_threads()
    worker = SimpleNamespace(address=ADDRESS, state=SimpleNamespace(nthreads=1))
    monkeypatch.setattr(distributed, "get_worker", lambda: worker)
    yield worker
    torch.set_num_threads(threads)


@pytest.fixture
def tile(run_folder: Path, boxes: Callable[..., PointCloud]) -> TileInput:
    scan = prepare(boxes(3, 2000), load_scan_model(run_folder, "cpu").features)
    noise = np.zeros(len(scan), np.int8)
    noise[::50] = 7
    return TileInput(scan.metres, scan.attributes, noise, 1200, tta=False)


def content(model: Path) -> bytes:
    return model_files(model)[0].read_bytes()


def test_votes_are_those_of_this_process(run_folder: Path, tile: TileInput) -> None:
    torch.set_num_threads(1)
    tiles = [tile, replace(tile, own=3), replace(tile, tta=True)]
    here = LocalSegmenter(load_scan_model(run_folder, "cpu"))
    for number, wanted in here(enumerate(tiles)):
        votes = segment_tile(__version__, content(run_folder), tiles[number], device="cpu")
        np.testing.assert_array_equal(votes, wanted)


def test_each_tile_gets_the_model_sent_with_it(
    run_folder: Path, aerial: Path, tile: TileInput, boxes: Callable[..., PointCloud]
) -> None:
    """However they alternate, though one model is kept."""
    torch.set_num_threads(1)
    models = {path: load_scan_model(path, "cpu") for path in (run_folder, aerial)}
    for path in (run_folder, aerial, run_folder):
        scan = prepare(boxes(3, 2000), models[path].features)
        own = replace(tile, attributes=scan.attributes)
        [(_, wanted)] = LocalSegmenter(models[path])([(0, own)])
        votes = segment_tile(__version__, content(path), own, device="cpu")
        np.testing.assert_array_equal(votes, wanted)


def test_all_threads_of_the_worker_compute(
    run_folder: Path, tile: TileInput, worker: SimpleNamespace
) -> None:
    worker.state.nthreads = 2
    segment_tile(__version__, content(run_folder), tile, device="cpu")
    assert torch.get_num_threads() == 2


def refusal(model: bytes, tile: TileInput, version: str = __version__) -> str:
    with pytest.raises(InputError) as caught:
        segment_tile(version, model, tile, device="cpu")
    assert caught.value.path is None  # that of the worker's copy tells nobody anything
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(f"worker {ADDRESS}")
    return line


def test_another_volseg_is_refused_before_the_model_is_read(tile: TileInput) -> None:
    assert refusal(b"", tile, "0.0.1").endswith(f"has volseg {__version__}; wanted 0.0.1")


@pytest.mark.parametrize("length", [0, 100, -1])
def test_a_model_cut_off_is_refused(run_folder: Path, tile: TileInput, length: int) -> None:
    refusal(content(run_folder)[:length], tile)


def test_a_model_of_volumes_is_refused(balls_file: Path, tile: TileInput, tmp_path: Path) -> None:
    spec = load_config(balls_file).model_spec()
    assert isinstance(spec, VolumeModelSpec)
    path = tmp_path / "balls.safetensors"
    save_model(path, spec, build_net(spec).state_dict(), {})
    assert "wanted a model of scans" in refusal(path.read_bytes(), tile)


def test_a_missing_model_is_refused_before_any_worker_is_asked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such run folder or model file"):
        connect("tcp://nowhere:1", tmp_path / "gone")
