"""The demo's scenes: a real scan for a bundled model; a generated street to learn, one to test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from volseg.demo.acts import Act, Lesson
from volseg.io import write
from volseg.models import find_bundled

TRAIN_SEED, TEST_SEED = 6, 2
AERIAL = "aerial"


def scan_path() -> Path:
    """The airborne scan that comes with the package; the file NOTICE says from where."""
    return Path(__file__).with_name("nebraska.laz")


def scenes(folder: Path) -> Iterator[Act]:
    """The acts of the demo, each in a folder of its own; the first needs its bundled model."""
    aerial = find_bundled(AERIAL)
    if aerial is not None:
        yield set_scan(folder / "scan", aerial)
    yield set_street(folder / "street")


def set_scan(folder: Path, model: Path) -> Act:
    """The real scan, and a model that learnt from other surveys."""
    title = f"a real airborne scan, by the model {model.stem!r} that comes with volseg"
    return Act(title, folder, scan_path(), model)


def set_street(folder: Path) -> Act:
    """One synthetic street to train on, and another, unseen, to test."""
    from volseg.data.street import generate_street

    train, test = folder / "train" / "street.laz", folder / "test" / "other_street.laz"
    for path, seed in ((train, TRAIN_SEED), (test, TEST_SEED)):
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, generate_street(seed), overwrite=True)
    lesson = Lesson("lidar/street", train)
    return Act(
        "a synthetic street, by a model trained on another", folder, test, folder / "run", lesson
    )
