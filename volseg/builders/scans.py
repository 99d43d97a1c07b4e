"""Training on labelled scans of a folder, read and split as a config asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from accelerate import Accelerator

from volseg.builders.meanings import label_map_of, matches, open_sets
from volseg.builders.nets import build_loss, build_scan_net
from volseg.builders.task import Task
from volseg.config import ScanConfig, ScanDataSpec
from volseg.data.augment import augment
from volseg.data.crops import Crops, split_scans
from volseg.data.samples import Scan, prepare
from volseg.errors import InputError
from volseg.geometry.labels import IGNORE
from volseg.geometry.voxelgrid import require_extent
from volseg.inference.scoring import Scorer
from volseg.io import is_scan, read
from volseg.io.formats import scan_suffixes
from volseg.train.checkpoint import STATE
from volseg.train.partial import partial_loss


def scan_task(config: ScanConfig, folder: Path, accelerator: Accelerator) -> Task:
    """What training on the scans of a folder takes."""
    train, held_out = load_split(config, folder)
    crops = build_crops(config, train)
    voxels = config.voxels
    names = tuple(config.labels.classes)
    loss = build_loss(config.train.loss, crops.counts, accelerator.device)
    sets = open_sets(config)
    score = Scorer(held_out, names, voxels.size, voxels.features, accelerator)
    return Task(
        net=build_scan_net(config).to(accelerator.device),
        batches=crops,
        loss=partial_loss(loss, sets) if sets else loss,
        validate=score if held_out else None,
        train=tuple(one.name for one in train),
        held_out=tuple(one.name for one in held_out),
        cells=f"{sum(len(one) for one in train):,} points",
        counts=crops.counts,
    )


def build_crops(config: ScanConfig, scans: Sequence[Scan]) -> Crops:
    """The source of training batches a config describes."""
    spec = config.train

    def change(crop: Scan, random: np.random.Generator) -> Scan:
        return augment(crop, random, **spec.augment.model_dump())

    return Crops(
        scans,
        num_classes=len(config.labels.classes),
        side=spec.crop,
        voxel_size=config.voxels.size,
        features=config.voxels.features,
        batch=spec.batch,
        augment=change,
        mixed=spec.mixed,
        seed=config.seed,
    )


def load_split(config: ScanConfig, folder: Path) -> tuple[list[Scan], list[Scan]]:
    """The training and the validation scans of a folder.

    Raises:
        InputError: naming the file that cannot be used, or the pattern that matches none.
    """
    paths = find_scans(folder, config.data)
    scans = [_load(path, path.relative_to(folder), config) for path in paths]
    train, held_out = _split(scans, config.data.validation, folder)
    return train, [_certain(scan, len(config.labels.classes)) for scan in held_out]


def _split(
    scans: Sequence[Scan], share: float | Sequence[str], folder: Path
) -> tuple[list[Scan], list[Scan]]:
    if isinstance(share, float):
        return split_scans(scans, share)
    kept = [matches(Path(scan.name), share) for scan in scans]
    if not any(kept) or all(kept):
        found = "no" if not any(kept) else "every"
        raise InputError(
            f"{found} scan matches data.validation ({', '.join(share)}); "
            "wanted some to train on and some to validate",
            path=folder,
        )
    train = [scan for scan, out in zip(scans, kept, strict=True) if not out]
    return train, [scan for scan, out in zip(scans, kept, strict=True) if out]


def _certain(scan: Scan, classes: int) -> Scan:
    """A scan whose points of no certain class are ignored: nothing scores them."""
    if scan.labels is None:
        return scan
    return replace(scan, labels=np.where(scan.labels < classes, scan.labels, IGNORE))


def find_scans(folder: Path, spec: ScanDataSpec) -> list[Path]:
    """Scan files of a folder that a spec includes, sorted by path; the log of a run is none.

    Raises:
        InputError: if there is no such folder, or no such file in it.
    """
    if not folder.is_dir():
        raise InputError("no such folder; wanted the folder of the training scans", path=folder)
    found = {
        path
        for pattern in spec.include
        for path in _glob(folder, pattern)
        if path.is_file() and is_scan(path) and not (path.parent / STATE).exists()
    }
    if not found:
        raise InputError(
            f"no scan matches {', '.join(spec.include)}; wanted {', '.join(scan_suffixes()[:3])} "
            "or the like (volumes need a config of their own: volseg plan writes one)",
            path=folder,
        )
    return sorted(found)


def _glob(folder: Path, pattern: str) -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except (ValueError, NotImplementedError) as error:
        raise InputError(
            f"data.include: {pattern!r} is no pattern of files in the data folder ({error})"
        ) from None


def _load(path: Path, name: Path, config: ScanConfig) -> Scan:
    cloud = read(path, label_field=config.data.label_field)
    if cloud.labels is None:
        raise InputError(
            "the scan has no label field; name it with --set data.label_field=NAME "
            f"(fields: {', '.join(cloud.attributes) or 'none besides x, y, z'})",
            path=path,
        )
    try:
        require_extent(cloud)
        return prepare(cloud, config.voxels.features, label_map_of(name, config), str(name))
    except InputError as error:
        raise error.at(path) from None
