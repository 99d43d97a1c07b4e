"""The acts of the demo: a real scan and a street by bundled models, and a volume by a new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from volseg.config import load_config
from volseg.demo.pictures import draw_scan, draw_volume
from volseg.errors import InputError
from volseg.evaluate.scans.scores import compare
from volseg.evaluate.volumes.pairs import VolumePair
from volseg.evaluate.volumes.scores import score_case
from volseg.evaluate.volumes.summary import Summary, summarize
from volseg.geometry import PointCloud
from volseg.io import read, read_volume, write, write_label_volume
from volseg.io.atomic import make_folder
from volseg.metrics.confusion import Confusion
from volseg.models import find_bundled
from volseg.models.load import load_scan_model, load_volume_model
from volseg.progress import Progress
from volseg.runs.train import train
from volseg.view import View

if TYPE_CHECKING:
    from PIL import Image

STREET = 2
"""Seed of the street; those a bundled model learns have seeds drawn from 32 bits."""
LEARNT, UNSEEN = range(24), range(400, 402)
"""Seeds of the abdomens to train on, and of those to segment."""
ABDOMENS = Path(__file__).with_name("abdomen.yaml")
BUILDING = 6
EAVES = 5.0
"""Metres over the lowest point, above which the airborne scan has no roof."""


@dataclass(frozen=True, eq=False)
class Result:
    """What an act made.

    Attributes:
        truth: the labels it is scored by.
        labelled: what the model found.
        model: its file or run folder.
        note: what to know of the scores.
        draw: a picture of truth, prediction and errors.
    """

    truth: Path
    labelled: Path
    model: Path
    note: str
    draw: Callable[[], Image.Image]


@dataclass(frozen=True, eq=False)
class ScanResult(Result):
    """A scan, and the confusion of all its points."""

    names: tuple[str, ...]
    confusion: Confusion


@dataclass(frozen=True, eq=False)
class VolumeResult(Result):
    """Volumes, the scores of their classes by name, the first being background.

    ``stopped`` tells whether the user stopped the training; what it learnt till then is scored.
    """

    classes: dict[str, Summary]
    stopped: bool


def scan_path() -> Path:
    """The airborne scan that comes with the package; the file NOTICE says from where."""
    return Path(__file__).with_name("nebraska.laz")


def play_airborne(folder: Path, device: str = "auto") -> ScanResult:
    """Segment the scan that comes with the package by ``aerial``, which learnt other surveys.

    The file labels part of a tree's crown building. Those points are class 0 in ``truth.laz``, so
    that they count nowhere; the note has the score with them.
    """
    cloud = read(scan_path())
    truth, crown = without_crown(cloud)
    make_folder(folder)
    file = folder / "truth.laz"
    write(file, truth, like=scan_path(), overwrite=True)
    result = _segment_scan(cloud, file, "aerial", ("side", "top"), device)
    names, whole = compare([(result.labelled, scan_path())], load_scan_model(result.model).labels)
    score = whole.scores().iou[names.index("building")]
    note = (
        f"left out: {crown:,} points in the crown of the tree that the file labels building; "
        f"with them the IoU of building is {score:.3f}"
    )
    return replace(result, note=note)


def without_crown(cloud: PointCloud) -> tuple[PointCloud, int]:
    """The airborne scan with class 0 for what it labels building above any roof; how many."""
    assert cloud.labels is not None
    height = cloud.metres()[:, 2]
    crown = (cloud.labels == BUILDING) & (height > height.min() + EAVES)
    return replace(cloud, labels=np.where(crown, 0, cloud.labels)), int(crown.sum())


def play_street(folder: Path, device: str = "auto", seed: int = STREET) -> ScanResult:
    """Segment a generated street by ``street``, which learnt other generated streets."""
    from volseg.synthetic.street import generate_street

    make_folder(folder)
    truth = folder / "truth.laz"
    write(truth, generate_street(seed), overwrite=True)
    result = _segment_scan(read(truth), truth, "street", ("oblique",), device)
    note = (
        "made as the streets that it learnt were; real ones are harder: see docs/models/street.md"
    )
    return replace(result, note=note)


def play_abdomen(
    folder: Path, progress: Progress, device: str = "auto", changes: tuple[str, ...] = ()
) -> VolumeResult:
    """Train on made-up abdomens, and segment others; ``changes`` are of the config."""
    from volseg.demo.phantom import write_abdomens

    data, run, unseen, labelled = (folder / one for one in ("data", "run", "unseen", "labelled"))
    write_abdomens(data, LEARNT)
    write_abdomens(unseen, UNSEEN)
    config = load_config(ABDOMENS, changes)
    stopped = train(config, data, run, progress=progress, folds=[None], device=device)
    model = load_volume_model(run, device)
    make_folder(labelled)
    pairs = []
    for image in sorted((unseen / "images").iterdir()):
        pairs.append(VolumePair(image.name, labelled / image.name, unseen / "labels" / image.name))
        found = model.label(read_volume(image))
        write_label_volume(pairs[-1].predicted, found, like=image, by=model.made_by)
    scores = summarize([score_case(pair, model.labels) for pair in pairs])
    first = pairs[0]
    image = unseen / "images" / first.name
    draw = partial(draw_volume, image, first.truth, first.predicted, model.labels)
    note = "the abdomens are made up: that it learns is shown, not how well it does on patients"
    return VolumeResult(unseen / "labels", labelled, run, note, draw, scores, stopped)


def _segment_scan(
    cloud: PointCloud, truth: Path, name: str, views: tuple[View, ...], device: str
) -> ScanResult:
    """Segment a scan by a bundled model into a file beside its truth, and score it."""
    file = find_bundled(name)
    if file is None:
        raise InputError(f"the model {name!r} is missing; install volseg anew")
    model = load_scan_model(file, device)
    labelled = truth.with_name("labelled.laz")
    write(labelled, model(cloud), like=truth, overwrite=True)
    names, confusion = compare([(labelled, truth)], model.labels)
    draw = partial(draw_scan, truth, labelled, model.labels, views)
    return ScanResult(truth, labelled, file, "", draw, names, confusion)
