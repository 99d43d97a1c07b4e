"""``python -m tests.benchmarks.votes STREETS OUT``: how far votes for centres are learnt, how soon.

``volseg generate`` made the streets; the last four are held out. From `street` on, networks learn
objects in so many steps: by the finest stage alone, or by all. Printed is how far votes fall from
the centres of objects, to how far the voxels lie from them: 1 is nothing learnt.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from volseg.config import ScanConfig, load_config
from volseg.data.objects import ObjectHead
from volseg.models.load import load_net
from volseg.runs.scans.splits import load_split
from volseg.runs.scans.training import CACHE, build_crops
from volseg.runs.train import train

STEPS, SHOWN, HELD_OUT = 150, 16, 4
RECIPES = {
    "finest stage alone": ("net.pyramid=0",),
    "all stages, votes 0.5": ("train.loss.votes=0.5",),
    "all stages": (),
}


def missed(run: Path, folder: Path, config: ScanConfig) -> dict[str, float]:
    """How far votes of a run fall from the centres of every class, on crops of held-out streets."""
    spec, net = load_net(run / "last.safetensors")
    _, held_out = load_split(config, folder, run.parent / CACHE)
    labels = spec.labels.label_map()
    crops = build_crops(config.model_copy(update={"labels": spec.labels}), held_out)
    head = ObjectHead.of(labels, 3)
    assert head is not None
    far = torch.zeros(len(labels), 2)
    with torch.inference_mode():
        for batch in map(crops.draw, range(SHOWN)):
            ways = head.split(net.eval()(batch.inputs).features).ways
            for k in range(len(labels)):
                inside = (batch.targets[:, 0] == k) & (batch.targets[:, 1] > 0)
                target = batch.targets[inside, 2:]
                error = (ways[inside] - target).norm(dim=1).sum()
                far[k] += torch.stack((error, target.norm(dim=1).sum()))
    return {labels.names[k]: float(far[k, 0] / far[k, 1]) for k in labels.things}


def learn(folder: Path, run: Path, changes: Sequence[str]) -> dict[str, float]:
    """Train a recipe, and measure its votes."""
    names = sorted(file.name for file in folder.glob("*.laz"))[-HELD_OUT:]
    steps = (f"train.steps={STEPS}", "train.epochs=1", "train.crop=20")
    held_out = f"data.validation=[{','.join(names)}]"
    config = load_config("lidar/street", [*steps, held_out, "train.pretrained=street", *changes])
    assert isinstance(config, ScanConfig)
    if not run.exists():
        train(config, folder, run, device="cpu")
    return missed(run, folder, config)


def main() -> None:
    """Print a table, a row a recipe."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    for number, (name, changes) in enumerate(RECIPES.items()):
        row = learn(folder, out / str(number), changes)
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in row.values()) + " |")  # noqa: T201


if __name__ == "__main__":
    main()
