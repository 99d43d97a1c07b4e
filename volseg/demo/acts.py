"""One act of the demo: train on a scan, segment another, score it, draw it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from volseg.builders.models import load_scan_model
from volseg.builders.run import Watcher
from volseg.builders.training import train
from volseg.config import load_config
from volseg.geometry import LabelMap, PointCloud
from volseg.inference.compare import compare
from volseg.io import read, write
from volseg.train.metrics import Confusion

PANEL = (760, 480)


@dataclass(frozen=True)
class Act:
    """What is learnt and what is tested: a preset, a folder, a scan each."""

    title: str
    preset: str
    folder: Path
    train: Path
    test: Path

    @property
    def run(self) -> Path:
        """The run folder."""
        return self.folder / "run"

    @property
    def labelled(self) -> Path:
        """The test scan with the classes predicted."""
        return self.folder / "labelled" / self.test.name


@dataclass(frozen=True)
class Result:
    """How an act ended: scores on the test scan's points."""

    names: tuple[str, ...]
    confusion: Confusion
    interrupted: bool


def play(act: Act, *, watcher: Watcher, minutes: float | None, device: str = "auto") -> Result:
    """Train, segment the test scan into ``act.labelled``, and score it."""
    config = load_config(act.preset)
    interrupted = train(
        config, act.train.parent, act.run, watcher=watcher, minutes=minutes, device=device
    )
    segment = load_scan_model(act.run, device)
    act.labelled.parent.mkdir(parents=True, exist_ok=True)
    write(act.labelled, segment(read(act.test)), like=act.test, overwrite=True)
    names, confusion = compare([(act.labelled, act.test)], segment.labels)
    return Result(names, confusion, interrupted)


def draw(act: Act, path: Path) -> None:
    """A picture of truth, prediction and errors side by side, written to ``path``.

    Raises:
        DisplayError: if this machine cannot draw.
    """
    labels = load_config(act.preset).labels.label_map()
    truth, predicted = read(act.test), read(act.labelled)
    _panels(truth, predicted, labels, path)


def _panels(truth: PointCloud, predicted: PointCloud, labels: LabelMap, path: Path) -> None:
    from volseg import view

    if truth.labels is None or predicted.labels is None:
        raise AssertionError("both scans of an act are labelled")
    metres = truth.metres()
    pictures = [
        view.colour_by(truth, "class", labels),
        view.colour_by(predicted, "class", labels),
        view.colour_errors(predicted.labels, truth.labels, labels),
    ]
    images = [view.screenshot(metres, colours, None, size=PANEL) for colours, _ in pictures]
    legends = (pictures[0][1], pictures[2][1])
    image = view.panels(images, ("truth", "prediction", "errors"), legends)
    view.save(image, path, overwrite=True)
