"""One act of the demo: segment a scan by a model that is there or is trained, score it, draw it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from volseg.builders.models import load_model_spec, load_scan_model
from volseg.builders.run import Watcher
from volseg.builders.training import train
from volseg.config import load_config
from volseg.geometry import LabelMap, PointCloud
from volseg.inference.compare import compare
from volseg.io import read, write
from volseg.train.metrics import Confusion

PANEL = (760, 480)


@dataclass(frozen=True)
class Lesson:
    """What a model is trained on: a preset, and a scan in a folder of its own."""

    preset: str
    scan: Path


@dataclass(frozen=True)
class Act:
    """A scan to segment and score, and the model that does it.

    Attributes:
        title: what is shown.
        folder: where all that is made goes.
        test: the scan, labelled.
        model: a model file, or the run folder that the lesson fills.
        lesson: what the model is trained on first; None for one that is there.
    """

    title: str
    folder: Path
    test: Path
    model: Path
    lesson: Lesson | None = None

    @property
    def labelled(self) -> Path:
        """The test scan with the classes predicted."""
        return self.folder / "labelled" / self.test.name


@dataclass(frozen=True)
class Result:
    """How an act ended: scores on the test scan's points."""

    names: tuple[str, ...]
    confusion: Confusion


def learn(
    act: Act, lesson: Lesson, *, watcher: Watcher, minutes: float | None, device: str = "auto"
) -> bool:
    """Train the act's model; whether the user stopped it before its end."""
    config = load_config(lesson.preset)
    return train(
        config, lesson.scan.parent, act.model, progress=watcher, minutes=minutes, device=device
    )


def play(act: Act, device: str = "auto") -> Result:
    """Segment the test scan into ``act.labelled``, and score it."""
    segment = load_scan_model(act.model, device)
    act.labelled.parent.mkdir(parents=True, exist_ok=True)
    write(act.labelled, segment(read(act.test)), like=act.test, overwrite=True)
    names, confusion = compare([(act.labelled, act.test)], segment.labels)
    return Result(names, confusion)


def draw(act: Act, path: Path) -> None:
    """A picture of truth, prediction and errors side by side, written to ``path``.

    Raises:
        DisplayError: if this machine cannot draw.
    """
    labels = load_model_spec(act.model).labels.label_map()
    truth, predicted = read(act.test), read(act.labelled)
    _panels(truth, predicted, labels, path)


def _panels(truth: PointCloud, predicted: PointCloud, labels: LabelMap, path: Path) -> None:
    from volseg.view import colour_by, colour_errors, panels, save, screenshot

    if truth.labels is None or predicted.labels is None:
        raise AssertionError("both scans of an act are labelled")
    metres = truth.metres()
    pictures = [
        colour_by(truth, "class", labels),
        colour_by(predicted, "class", labels),
        colour_errors(predicted.labels, truth.labels, labels),
    ]
    images = [screenshot(metres, colours, None, size=PANEL) for colours, _ in pictures]
    legends = (pictures[0][1], pictures[2][1])
    image = panels(images, ("truth", "prediction", "errors"), legends)
    save(image, path, overwrite=True)
