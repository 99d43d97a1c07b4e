"""``python tests/benchmarks/peers/star_polygons.py DATASET data.json OUT --minutes 20``.

StarDist (Schmidt et al., MICCAI 2018) on the split of a run of volseg's: trained on what that run
trained on, by the settings that its authors recommend, for so many minutes of processor time on
one thread; label images of what was held out go to ``OUT``. ``volseg evaluate OUT DATASET/labels
--objects`` scores them. It needs ``pip install stardist tensorflow-cpu`` in an environment of its
own, without volseg.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from csbdeep.utils import normalize
from PIL import Image
from stardist import fill_label_holes
from stardist.models import Config2D, StarDist2D

VALIDATED = 10
"""One image in so many trains nothing: by it the best weights and both thresholds are chosen."""
PERCENTILES = 1, 99.8


class Until(tf.keras.callbacks.Callback):  # type: ignore[misc]
    """Ends training when the process has used its time; compiling, the first step, is free."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds, self.end, self.steps = seconds, 0.0, 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count a step, and stop after the last."""
        self.steps += 1
        self.end = self.end or time.process_time() + self.seconds
        self.model.stop_training = time.process_time() > self.end


def read(path: Path) -> Any:
    """An image as StarDist is to see it, float32 (H, W)."""
    return normalize(np.asarray(Image.open(path)).astype(np.float32), *PERCENTILES)


def augment(image: Any, labels: Any, random: np.random.Generator) -> tuple[Any, Any]:
    """Mirrored and turned by right angles, other brightness and a little noise."""
    turns, mirrored = int(random.integers(4)), random.random() < 0.5
    image, labels = (np.rot90(array, turns) for array in (image, labels))
    if mirrored:
        image, labels = image[::-1], labels[::-1]
    image = image * random.uniform(0.6, 2) + random.uniform(-0.2, 0.2)
    return image + 0.02 * random.uniform() * random.normal(size=image.shape), labels


def fit(train: Sequence[Any], validated: Sequence[Any], until: Until, out: Path) -> Any:
    """A network trained on some pairs, its thresholds chosen on others."""
    config = Config2D(
        n_rays=32,
        grid=(2, 2),
        train_patch_size=(128, 128),
        train_batch_size=4,
        train_tensorboard=False,
    )
    model = StarDist2D(config, name="model", basedir=str(out / "stardist"))
    model.prepare_for_training()
    model.callbacks.append(until)
    model.train(
        *zip(*train, strict=True),
        validation_data=tuple(map(list, zip(*validated, strict=True))),
        augmenter=partial(augment, random=np.random.default_rng(0)),
        epochs=400,
        steps_per_epoch=100,
    )
    model.optimize_thresholds(*map(list, zip(*validated, strict=True)))
    return model


def main() -> None:
    """Train, predict what was held out, and say how much was done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("split", type=Path, help="data.json of a fold of volseg's run")
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=20)
    asked = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    held_out = set(json.loads(asked.split.read_text())["held_out"])
    files = sorted((asked.data / "images").iterdir())
    known = [file for file in files if file.stem not in held_out]
    pairs = [
        (read(file), fill_label_holes(np.array(Image.open(asked.data / "labels" / file.name))))
        for file in known
    ]
    validated = pairs[::VALIDATED]
    train = [pair for number, pair in enumerate(pairs) if number % VALIDATED]
    until = Until(60 * asked.minutes)
    model = fit(train, validated, until, asked.out)
    for file in files:
        if file.stem in held_out:
            ids, _ = model.predict_instances(read(file))
            Image.fromarray(ids.astype(np.uint16)).save(asked.out / file.name)
    sys.stdout.write(f"{until.steps} steps in {asked.minutes:g} minutes of processor time\n")


if __name__ == "__main__":
    main()
