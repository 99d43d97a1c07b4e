"""What a worker of a cluster does: segment the tiles it is sent, with the model it is sent.

The scheduler imports this too: what is heavy is imported where it is used.
"""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING

from volseg import _version
from volseg.errors import InputError
from volseg.predict.scans.tile_input import TileInput, Votes
from volseg.progress import SILENT, Progress

if TYPE_CHECKING:
    from volseg.predict.scans.cluster import Cluster
    from volseg.predict.scans.model import ScanModel

_turn = Lock()


def connect(
    address: str, model: Path, *, device: str = "auto", progress: Progress = SILENT
) -> Cluster:
    """The workers of a cluster, each with a model on a device of its own.

    Args:
        address: address of the scheduler, or ``local``.
        model: a run folder, a model file, or the name of a bundled model.
        device: ``cpu``, ``cuda`` or ``auto``, as each worker finds it.
        progress: told, in notes, what becomes of the workers.

    Raises:
        InputError: if there is no such model.
    """
    from volseg.models.load import model_files
    from volseg.predict.scans.cluster import Cluster

    content = model_files(model)[0].read_bytes()
    return Cluster(address, content, partial(segment_tile, device=device), progress)


def segment_tile(version: str, model: bytes, tile: TileInput, *, device: str) -> Votes:
    """Votes of the own points of a tile, with all threads of this worker.

    Args:
        version: version of volseg where the tile comes from.
        model: the content of a model file.
        tile: the points.
        device: device that the network runs on.

    Raises:
        InputError: if volseg is another here, or has no such device.
    """
    from distributed import get_worker

    worker = get_worker()
    if version != _version.__version__:
        raise InputError(
            f"worker {worker.address} has volseg {_version.__version__}; wanted {version}"
        )
    import torch

    from volseg.predict.scans.local import votes_of

    with _turn:  # a tile at a time, so that memory holds one
        torch.set_num_threads(worker.state.nthreads)
        try:
            return votes_of(_load(model, device), tile)
        except InputError as error:
            raise InputError(f"worker {worker.address}: {error.message}") from None


@lru_cache(maxsize=1)
def _load(content: bytes, device: str) -> ScanModel:
    from volseg.models.load import load_scan_model
    from volseg.nn.allocator import keep_freed_memory

    keep_freed_memory()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        path.write_bytes(content)
        return load_scan_model(path, device)
