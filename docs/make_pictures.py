"""Make the pictures that README shows: ``make docs``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

from volseg import view
from volseg.demo import draw, learn, play, set_street
from volseg_cli.watch import TrainingWatch

MINUTES = 3.0
WIDTH = 1600
FOLDER = Path(__file__).with_name("pictures")


def main() -> None:
    """Play the demo's street a little longer, and keep its picture."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        act = set_street(Path(work))
        assert act.lesson is not None
        with TrainingWatch() as watch:
            learn(act, act.lesson, watcher=watch, minutes=MINUTES)
        play(act)
        draw(act, Path(work) / "street.png")
        with Image.open(Path(work) / "street.png") as large:
            small = large.resize((WIDTH, WIDTH * large.height // large.width), Image.LANCZOS)
        view.save(small.quantize(128), FOLDER / "street.png", overwrite=True)


main()
