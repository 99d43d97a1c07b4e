"""``python -m tests.benchmarks.feed``: how busy threads that draw ahead keep a device.

The device is a stand-in whose every step lasts as long as told, without using a core. Crops are
those of Oakland, patches those of a made-up volume.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from tests.benchmarks.scenes import data
from volseg.config import ScanConfig, VolumeConfig, load_config
from volseg.data.volumes.patches import Patches
from volseg.data.volumes.store import save_case
from volseg.progress import SILENT
from volseg.runs.scans.splits import load_split
from volseg.runs.scans.training import build_crops
from volseg.runs.volumes.batches import build_patches
from volseg.train.feed import Batches, Feed

STEP, STEPS = 0.02, 100
THREADS = (0, 1, 2)
SIDES = (96, 128)


def crops(folder: Path) -> Batches:
    """Crops of Oakland as its preset trains on them."""
    config = load_config("lidar/oakland")
    assert isinstance(config, ScanConfig)
    return build_crops(config, load_split(config, data("lidar", "oakland_mls"), folder, SILENT)[0])


def patches(folder: Path, side: int) -> Patches:
    """Patches of a volume of noise, augmented as the preset of brain tumours says."""
    config = load_config("mri/brain_tumour")
    assert isinstance(config, VolumeConfig)
    random = np.random.default_rng(0)
    channels, classes = len(config.images.channels), len(config.labels.label_map())
    image = random.standard_normal((channels, 160, 192, 160), dtype=np.float32)
    labels = (random.random((classes, 160, 192, 160)) < 0.1).astype(np.int8)
    images = config.images.model_copy(update={"patch": (side,) * 3})
    config = config.model_copy(update={"images": images})
    return build_patches(config, [save_case("noise", folder / "noise", image, labels, classes)])


def busy(source: Batches, threads: int) -> float:
    """The share of the time that the device is at work."""
    with Feed(source, torch.device("cpu"), threads=threads) as feed:
        feed.take(0)
        began = time.perf_counter()
        for number in range(1, STEPS + 1):
            feed.take(number)
            time.sleep(STEP)
        return STEP * STEPS / (time.perf_counter() - began)


def drawing(source: Batches, number: int = 10) -> float:
    """Processor seconds to draw a batch."""
    source.draw(0).changed()
    began = time.process_time()
    for k in range(1, number + 1):
        source.draw(k).changed()
    return (time.process_time() - began) / number


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    print(f"Steps of {STEP * 1000:g} ms; busy share by threads that draw.\n")  # noqa: T201
    heads = " | ".join(f"{threads} threads" for threads in THREADS)
    print(f"| batches | a core draws one in | {heads} |\n|---|---|---|---|---|")  # noqa: T201
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources: dict[str, Batches] = {"crops of Oakland": crops(folder / "cache")}
        sources |= {f"patches of {side}^3": patches(folder, side) for side in SIDES}
        for title, source in sources.items():
            shares = " | ".join(f"{busy(source, threads):.0%}" for threads in THREADS)
            print(f"| {title} | {drawing(source) * 1000:.0f} ms | {shares} |")  # noqa: T201


if __name__ == "__main__":
    main()
